import FoundationEssentials

/// `env.json`: on what a run was made, for the day when two runs differ.
public struct RunEnvironment: Sendable, Equatable {
  /// What the process cannot find out by itself.
  public struct Facts: Sendable {
    /// Convoy's version.
    public var version: String
    /// The chosen set of kernels.
    public var instructionSet: String
    /// Threads of each rank.
    public var threads: Int
    public var ranks: Int
    /// Versions of libraries, such as `openmpi`.
    public var libraries: [String: String]

    public init(version: String, instructionSet: String, threads: Int, ranks: Int, libraries: [String: String] = [:]) {
      self.version = version
      self.instructionSet = instructionSet
      self.threads = threads
      self.ranks = ranks
      self.libraries = libraries
    }
  }

  /// The text of the file.
  public let page: String

  /// The machine, the process and `facts`, now.
  public init(_ facts: Facts) {
    self.init(facts, variables: Self.variables)
  }

  package init(_ facts: Facts, variables: [String: String]) {
    let processor = Self.processor
    let json = JSONValue([
      "version": facts.version, "swift": Self.swiftVersion, "libraries": Sorted(facts.libraries),
      "host": Self.host, "kernel": Self.kernel, "libc": Self.libc,
      "cpu": processor.model, "cpu_flags": processor.flags, "instruction_set": facts.instructionSet,
      "affinity": Self.affinity, "threads": facts.threads, "ranks": facts.ranks,
      "directory": FileManager.default.currentDirectoryPath, "command": CommandLine.arguments,
      "variables": Sorted(Self.published(variables)), "time": WallClock.now(),
    ])
    page = json.page() + "\n"
  }

  private struct Sorted: JSONRepresentable {
    let json: JSONValue
    init(_ values: [String: String]) {
      json = .object(values.sorted { $0.key < $1.key }.map { JSONValue.Member(name: $0.key, value: .text($0.value)) })
    }
  }

  /// The variables that change how a run behaves; what looks like a secret is named but not shown.
  package static func published(_ variables: [String: String]) -> [String: String] {
    let prefixes = ["SLURM_", "OMPI_", "PMIX_", "PMI_", "PBS_", "HDF5_", "CONVOY_", "OMP_", "LD_"]
    let secrets = ["KEY", "TOKEN", "SECRET", "PASS", "JWT", "CREDENTIAL"]
    var result: [String: String] = [:]
    for (name, value) in variables where prefixes.contains(where: { name.hasPrefix($0) }) {
      let upper = name.uppercased()
      result[name] = secrets.contains { upper.contains($0) } ? "(redacted)" : value
    }
    return result
  }
}
