/// Checks of how this process was launched, as pure functions of its environment.
public enum Preflight {
  /// Refuses a step of several Slurm tasks whose processes do not know of each other: they would all train alone,
  /// all writing the same files.
  ///
  /// `environment` is that of the process before MPI started; `ranks` is the number MPI reports.
  public static func check(
    environment: [String: String], ranks: Int, command: [String]
  ) throws(MessagePassingError) {
    guard ranks == 1, environment["OMPI_COMM_WORLD_SIZE"] == nil,
      let tasks = environment["SLURM_STEP_NUM_TASKS"].flatMap({ Int($0) }), tasks > 1
    else { return }
    let line = command.map(quotedForShell).joined(separator: " ")
    throw MessagePassingError(
      "Could not start as one of \(tasks) ranks: Slurm launched \(tasks) tasks, but MPI reports one rank, so every "
        + "task would train alone; let srun connect the tasks: "
        + "srun --mpi=pmix -n \(tasks) --cpu-bind=cores --kill-on-bad-exit=1 --wait=60 \(line)")
  }

  /// The number of nodes that every real node is cut into: `CONVOY_NODES`, for tests of what happens between nodes.
  public static func pretendedNodes(environment: [String: String]) throws(MessagePassingError) -> Int {
    guard let text = environment["CONVOY_NODES"] else { return 1 }
    guard let nodes = Int(text), nodes >= 1 else {
      throw MessagePassingError(
        "Could not pretend to run on several nodes: CONVOY_NODES is \"\(text)\"; set it to a whole number from 1 on, "
          + "or unset it.")
    }
    return nodes
  }

  private static func quotedForShell(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./=:,@%+".utf8.contains(byte)
      }
    }
    if plain && !word.isEmpty { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: #"'\''"#) + "'"
  }
}
