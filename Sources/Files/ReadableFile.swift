import Glibc

/// An open regular file, read at any position by any thread.
public struct ReadableFile: ~Copyable, Sendable {
  public let path: String
  /// The size of the file when it was opened.
  public let bytes: Int
  private let descriptor: Int32

  /// Opens a regular file.
  ///
  /// Throws on anything else: a folder, a pipe, a device or, unless `followingLinks`, a symbolic link in the last
  /// component of `path`.
  public init(_ path: String, followingLinks: Bool = true) throws(FileError) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followingLinks ? 0 : O_NOFOLLOW)
    let opened = try FileSystem.uninterrupted("open", path) { outcome(Glibc.open(path, flags)) }
    var status = stat()
    guard fstat(Int32(opened), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(Int32(opened))
      throw FileError("open", path, reason: "it is not a regular file")
    }
    descriptor = Int32(opened)
    bytes = Int(status.st_size)
    self.path = path
  }

  deinit { close(descriptor) }

  /// Fills `destination` with the bytes from `offset` on; throws if the file ends before.
  public borrowing func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FileError) {
    let descriptor = descriptor
    var filled = 0
    while filled < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
      let place = off_t(offset + filled)
      let count = try FileSystem.uninterrupted("read", path) {
        outcome(pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), place))
      }
      guard count > 0 else {
        throw FileError("read", path, reason: "it ends at byte \(offset + filled)")
      }
      filled += count
    }
  }

  /// The bytes in `range`.
  public borrowing func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { (buffer) throws(FileError) in try read(at: range.lowerBound, into: buffer) }
    return bytes
  }

  /// All bytes of the file, which must have at most `limit`.
  public borrowing func contents(limit: Int) throws(FileError) -> [UInt8] {
    guard bytes <= limit else {
      throw FileError("read", path, reason: "it has \(bytes) bytes, more than the \(limit) that are allowed")
    }
    return try read(0..<bytes)
  }
}
