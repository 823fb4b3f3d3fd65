import CFiles
import Glibc

/// A new file that is written from front to back, and is on the disk once `finish` returns.
///
/// A file that is dropped before `finish`, or whose `finish` throws, is removed: after a failed write or sync nobody
/// knows what it holds, so it must be written anew under another name.
public struct DurableFile: ~Copyable {
  public let path: String
  private var descriptor: Int32
  private var checksum = ChunkedChecksum()
  private let reservedBytes: Int

  /// Creates the file, which must not exist, and takes disk space for `reservedBytes`, so that a full disk shows now.
  ///
  /// Symbolic links at `path` are not followed. `mode` is narrowed by the umask.
  public init(creating path: String, reservedBytes: Int = 0, mode: UInt32 = 0o666) throws(FileError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let opened = Int32(
      try WriteCall.create.perform("create", path) { _ in outcome(Glibc.open(path, flags, mode_t(mode))) })
    do {
      try Self.reserve(reservedBytes, opened, path)
    } catch {
      Self.discard(opened, path)
      throw error
    }
    descriptor = opened
    self.path = path
    self.reservedBytes = reservedBytes
  }

  deinit {
    if descriptor >= 0 { Self.discard(descriptor, path) }
  }

  /// The number of bytes written.
  public var bytes: Int { checksum.bytes }

  /// Appends `bytes`.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    let descriptor = descriptor
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      // 1 GiB at a time: Linux takes at most 2 GiB - 4 KiB in one call.
      let count = try WriteCall.write.perform("write", path, limit: min(rest.count, 1 << 30)) { limit in
        outcome(Glibc.write(descriptor, rest.baseAddress, min(limit, rest.count)))
      }
      guard count > 0 else { throw FileError("write", path, code: ENOSPC) }
      written += count
    }
    checksum.update(bytes)
  }

  /// Appends `bytes`.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.span.withUnsafeBytes { (buffer) throws(FileError) in try write(buffer) }
  }

  /// Brings all that was written to the disk, closes the file and returns its checksums.
  ///
  /// The file's name is durable only after `FileSystem.syncFolder` of its folder.
  public consuming func finish() throws(FileError) -> FileDigest {
    let descriptor = descriptor
    let path = path
    if bytes < reservedBytes {
      let bytes = bytes
      try WriteCall.truncate.perform("cut", path) { _ in outcome(ftruncate(descriptor, off_t(bytes))) }
    }
    try WriteCall.sync.perform("bring to the disk", path) { _ in outcome(fdatasync(descriptor)) }
    let digest = checksum.finish()
    self.descriptor = -1
    do {
      // Network file systems report a full disk only here.
      try Self.close(descriptor, path)
    } catch {
      try? FileSystem.removeFile(path)
      throw error
    }
    return digest
  }

  private static func reserve(_ bytes: Int, _ descriptor: Int32, _ path: String) throws(FileError) {
    guard bytes > 0 else { return }
    try WriteCall.reserve.perform("reserve \(bytes) bytes for", path) { _ in
      let result = outcome(cfiles_reserve(descriptor, Int64(bytes)))
      // Not posix_fallocate: where the file system cannot reserve, it would write a byte to every block instead.
      return result == -Int(EOPNOTSUPP) || result == -Int(ENOSYS) ? 0 : result
    }
  }

  private static func close(_ descriptor: Int32, _ path: String) throws(FileError) {
    try WriteCall.close.perform("close", path) { _ in outcome(Glibc.close(descriptor)) }
  }

  private static func discard(_ descriptor: Int32, _ path: String) {
    try? close(descriptor, path)
    try? FileSystem.removeFile(path)
  }
}
