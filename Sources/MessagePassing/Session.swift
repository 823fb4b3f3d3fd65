import CMPI
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a failed rank says and the code with which it ends the run.
public struct Failure: Sendable {
  public var message: String
  /// In 1...255.
  public var exitCode: Int

  public init(message: String, exitCode: Int) {
    self.message = message
    self.exitCode = exitCode
  }
}

/// Runs `body` as one rank of an MPI run, or as its only rank when no launcher started this process.
///
/// MPI is initialised for calls from the calling thread only (`MPI_THREAD_FUNNELED`), and finalised when `body`
/// returns, which it does on all ranks together. An error that escapes `body` on one of several ranks never leaves
/// the others waiting: its `describing` goes to standard error as one block, and the whole run ends with its exit
/// code. A rank that is alone finalises MPI and rethrows. When the launcher dies, its ranks get SIGTERM.
public func withMPI<Result>(
  describing: (any Error) -> Failure, _ body: (borrowing Communicator) throws -> Result
) throws -> Result {
  // MPI adds variables of its own when it starts.
  let environment = ProcessInfo.processInfo.environment
  let pretendedNodes = try Preflight.pretendedNodes(environment: environment)
  try initialize()
  var ranks: CInt = 0
  try check(MPI_Comm_size(cmpi_comm_world(), &ranks), "MPI_Comm_size", "learn the number of ranks")
  if ranks > 1 { _ = cmpi_signal_when_launcher_dies(SIGTERM) }
  do {
    try Preflight.check(environment: environment, ranks: Int(ranks), command: CommandLine.arguments)
    let result = try run(body, pretendedNodes: pretendedNodes)
    try check(MPI_Finalize(), "MPI_Finalize", "end the MPI session")
    return result
  } catch  where ranks == 1 {
    MPI_Finalize()
    throw error
  } catch {
    abort(describing(error), ranks: Int(ranks))
  }
}

/// Calls `body` with the communicator of all ranks, which is gone before MPI is finalised.
private func run<Result>(
  _ body: (borrowing Communicator) throws -> Result, pretendedNodes: Int
) throws -> Result {
  let world = try Communicator(duplicating: cmpi_comm_world(), pretendedNodes: pretendedNodes)
  return try body(world)
}

private func initialize() throws(MessagePassingError) {
  var provided: CInt = 0
  try check(cmpi_init(CInt(MPI_THREAD_FUNNELED), &provided), "MPI_Init_thread", "start MPI")
  try check(
    MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return()), "MPI_Comm_set_errhandler",
    "let MPI return errors")
  guard provided >= CInt(MPI_THREAD_FUNNELED) else {
    throw MessagePassingError(
      "Could not start MPI: this MPI does not allow programs with threads; use one built with thread support.")
  }
}

/// Says what failed and ends all ranks.
///
/// MPI_Abort may hang in a broken run, so an alarm ends this process at last.
private func abort(_ failure: Failure, ranks: Int) -> Never {
  precondition((1...255).contains(failure.exitCode), "A failure's exit code lies in 1...255.")
  exitCodeOfAlarm.store(failure.exitCode, ordering: .relaxed)
  fflush(nil)
  var rank: CInt = 0
  MPI_Comm_rank(cmpi_comm_world(), &rank)
  writeBlock("rank \(rank) of \(ranks) on \(hostName()): \(failure.message)\n")
  signal(SIGALRM) { _ in _exit(CInt(exitCodeOfAlarm.load(ordering: .relaxed))) }
  alarm(10)
  MPI_Abort(cmpi_comm_world(), CInt(failure.exitCode))
  _exit(CInt(failure.exitCode))
}

private let exitCodeOfAlarm = Atomic(70)

/// Writes to standard error in one call, so that the blocks of several ranks do not mix.
private func writeBlock(_ text: String) {
  var text = text
  text.withUTF8 { bytes in
    _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
  }
}

private func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "an unnamed host" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
