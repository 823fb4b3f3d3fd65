import Glibc

/// An exclusive lock on a file or folder, held until it is dropped or its process ends, however it ends.
///
/// The lock binds only those who ask for it. It belongs to the opened file, so it also excludes other threads.
public struct FileLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock on `path`; nil if somebody holds it.
  ///
  /// Throws if `path` cannot be opened or its file system has no locks.
  public static func acquire(_ path: String) throws(FileError) -> FileLock? {
    let opened = Int32(
      try FileSystem.uninterrupted("open", path) { outcome(Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) })
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      close(opened)
      if code == EWOULDBLOCK { return nil }
      throw FileError("lock", path, code: code)
    }
    return FileLock(descriptor: opened)
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
