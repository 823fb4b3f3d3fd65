import Files
import Glibc

/// A file open to be read at any place, from several threads at once.
final class OpenFile: Sendable {
  private let descriptor: CInt
  let path: String
  /// The file's size when it was opened.
  let byteCount: Int

  init(reading path: String) throws(ShardError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ShardError(reading: "open \(path)", errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ShardError(.badData, "Could not open \(path): it is not a file.")
    }
    self.descriptor = descriptor
    self.path = path
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `destination` with the bytes from `offset` on.
  func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(ShardError) {
    var done = 0
    while done < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw ShardError(reading: "read \(path)", errno: errno)
      }
      guard count > 0 else {
        throw ShardError(.badData, "Could not read \(path): it ends at byte \(offset + done), it was truncated.")
      }
      done += count
    }
  }

  /// The whole content, of at most `limit` bytes.
  func contents(limit: Int) throws(ShardError) -> [UInt8] {
    guard byteCount <= limit else {
      throw ShardError(.badData, "Could not read \(path): its \(byteCount) bytes are more than the limit of \(limit).")
    }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try bytes.withUnsafeMutableBufferPointer { (bytes) throws(ShardError) in
      try read(at: 0, into: UnsafeMutableRawBufferPointer(bytes))
    }
    return bytes
  }

  /// The CRC-32C of the whole file.
  func checksum() throws(ShardError) -> UInt32 {
    var checksum = CRC32C()
    var piece = [UInt8](repeating: 0, count: min(max(1, byteCount), 1 << 20))
    var offset = 0
    while offset < byteCount {
      let count = min(piece.count, byteCount - offset)
      try piece.withUnsafeMutableBufferPointer { (piece) throws(ShardError) in
        let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: piece[..<count]))
        try read(at: offset, into: bytes)
        checksum.update(UnsafeRawBufferPointer(bytes))
      }
      offset += count
    }
    return checksum.value
  }

  /// Makes sure that what was written to the file is on its disk.
  func synchronize() throws(ShardError) {
    guard fsync(descriptor) == 0 else { throw ShardError(writing: "write \(path)", errno: errno) }
  }
}
