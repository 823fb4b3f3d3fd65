import Glibc

/// The folder in which a run keeps everything: where each file is, and the writing of the small ones.
public struct RunDirectory: Sendable, Equatable {
  public let path: String

  /// Names the folder; touches nothing.
  public init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// The resolved configuration.
  public var configurationPath: String { path + "/config.yaml" }
  public var environmentPath: String { path + "/env.json" }
  public var statusPath: String { path + "/status.json" }
  public var metricsPath: String { path + "/metrics.jsonl" }
  public var checkpointsPath: String { path + "/checkpoints" }
  public var logsPath: String { path + "/logs" }
  var lockPath: String { path + "/.lock" }

  /// Makes the folder with `checkpoints` and `logs` where they are missing, and locks it for this process.
  ///
  /// Only rank 0 calls it, before it writes anything. The lock lasts as long as the value.
  public func claim() throws(MetricsError) -> RunLock {
    guard !path.isEmpty else {
      throw MetricsError(.cannotCreate, "cannot create the run directory: its name is empty; give a --run-dir")
    }
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part
      if !folder.isEmpty { try Self.makeFolder(folder) }
      folder += "/"
    }
    let lock = try RunLock(self)
    for folder in [checkpointsPath, logsPath] { try Self.makeFolder(folder) }
    return lock
  }

  /// Replaces the resolved configuration.
  public func writeConfiguration(_ yaml: String) throws(MetricsError) {
    try SystemFile.replace(configurationPath, with: yaml)
  }

  public func writeStatus(_ status: RunStatus) throws(MetricsError) { try status.write(to: statusPath) }

  /// The status of the last run in this folder; nil if there was none.
  public func readStatus() throws(MetricsError) -> RunStatus? { try RunStatus.read(from: statusPath) }

  public func writeEnvironment(_ environment: RunEnvironment) throws(MetricsError) {
    try SystemFile.replace(environmentPath, with: environment.page)
  }

  private static func makeFolder(_ path: String) throws(MetricsError) {
    guard mkdir(path, 0o750) != 0 else { return }
    let code = errno
    var status = stat()
    // On some systems a folder that exists is reported as one that may not be made.
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else { return }
      throw MetricsError(
        .cannotCreate, "cannot create the run directory: \(path) exists and is not a folder; choose another --run-dir")
    }
    throw MetricsError(
      .cannotCreate, "create the run directory", path, code, hint: "choose a --run-dir where you may write")
  }
}
