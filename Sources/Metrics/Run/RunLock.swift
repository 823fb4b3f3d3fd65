import FoundationEssentials
import Glibc

/// The right of one process to write into a run directory.
///
/// It ends with the value, or with the process however it dies.
///
/// An advisory `flock` on `.lock`; the file's text names the holder for the message that others get.
public struct RunLock: ~Copyable {
  private let file: SystemFile
  /// One sentence if the file system cannot lock, so that nothing protects the directory.
  public let warning: String?

  private struct Holder: Decodable {
    let pid: Int
    let host: String
    let job: String?
  }

  init(_ directory: RunDirectory) throws(MetricsError) {
    let opened = try Self.open(directory.lockPath)
    let code = Self.lock(opened)
    if code == EWOULDBLOCK {
      throw MetricsError(
        .inUse,
        "cannot use the run directory \(directory.path): \(Self.holder(opened)) is training in it; wait for it to end "
          + "or choose another --run-dir")
    }
    let job = RunEnvironment.variables["SLURM_JOB_ID"] ?? RunEnvironment.variables["PBS_JOBID"]
    let text = JSONValue(["pid": Int(getpid()), "host": RunEnvironment.host, "job": job]).line + "\n"
    try opened.truncate(to: 0)
    try opened.write(Array(text.utf8))
    file = opened
    warning =
      code == 0
      ? nil
      : "the file system of \(directory.path) cannot lock (\(String(cString: strerror(code)))): "
        + "make sure that no other run uses this directory"
  }

  deinit {
    // The text must not name a holder that is gone.
    try? file.truncate(to: 0)
    // Closing would do, were it not for a child that another thread has just forked and that still has our descriptors.
    flock(file.descriptor, LOCK_UN)
  }

  private static func open(_ path: String) throws(MetricsError) -> SystemFile {
    do throws(MetricsError) {
      return try SystemFile(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      throw MetricsError(.cannotCreate, "\(error.description); choose a --run-dir where you may write")
    }
  }

  /// 0, or the reason why the file is not locked.
  private static func lock(_ file: borrowing SystemFile) -> Int32 {
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  private static func holder(_ file: borrowing SystemFile) -> String {
    guard let size = try? file.size(), let bytes = try? file.read(0..<min(size, 4096)),
      let holder = try? JSONDecoder().decode(Holder.self, from: Data(bytes))
    else { return "another process" }
    return "process \(holder.pid) on \(holder.host)" + (holder.job.map { " (job \($0))" } ?? "")
  }
}
