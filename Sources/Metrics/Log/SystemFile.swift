import Glibc

/// A file descriptor that is closed when it goes out of scope.
struct SystemFile: ~Copyable {
  let descriptor: Int32
  let path: String

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(MetricsError) {
    descriptor = open(path, flags | O_CLOEXEC, mode)
    self.path = path
    guard descriptor >= 0 else {
      throw MetricsError(.cannotCreate, flags & O_ACCMODE == O_RDONLY ? "read" : "write", path, errno)
    }
  }

  deinit { close(descriptor) }

  /// Writes all bytes, in one call unless the system takes fewer.
  func write(_ bytes: [UInt8]) throws(MetricsError) {
    var done = 0
    while done < bytes.count {
      let start = done
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + start }, $0.count - start) }
      if count < 0 {
        if errno == EINTR { continue }
        throw MetricsError(.inputOutput, "write", path, errno)
      }
      done += count
    }
  }

  func size() throws(MetricsError) -> Int {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw MetricsError(.inputOutput, "read", path, errno) }
    return Int(end)
  }

  /// The bytes in a range that the file has.
  func read(_ range: Range<Int>) throws(MetricsError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var done = 0
    while done < bytes.count {
      let start = done
      let count = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start, range.lowerBound + start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw MetricsError(.inputOutput, "read", path, count < 0 ? errno : EIO) }
      done += count
    }
    return bytes
  }

  func truncate(to size: Int) throws(MetricsError) {
    guard ftruncate(descriptor, size) == 0 else { throw MetricsError(.inputOutput, "truncate", path, errno) }
  }

  /// Waits until the disk has everything.
  func synchronize() throws(MetricsError) {
    guard fsync(descriptor) == 0 else { throw MetricsError(.inputOutput, "write", path, errno) }
  }

  /// Replaces a whole file: readers see the old or the new one, even after a crash.
  static func replace(_ path: String, with text: String) throws(MetricsError) {
    let temporary = "\(path).\(getpid()).tmp"
    unlink(temporary)
    do throws(MetricsError) {
      let file = try SystemFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      try file.write(Array(text.utf8))
      try file.synchronize()
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw MetricsError(.inputOutput, "replace", path, code)
    }
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try SystemFile(folder, O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// The whole file, or nil if there is none.
  static func bytes(of path: String) throws(MetricsError) -> [UInt8]? {
    guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    let file = try SystemFile(path, O_RDONLY)
    return try file.read(0..<(try file.size()))
  }
}
