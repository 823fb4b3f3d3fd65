/// The size of a file and the CRC-32C of each of its 4 MiB chunks, the last of which may be shorter.
public struct FileDigest: Sendable, Equatable {
  public var bytes: Int
  public var chunks: [UInt32]

  public init(bytes: Int, chunks: [UInt32]) {
    self.bytes = bytes
    self.chunks = chunks
  }
}

/// Computes a `FileDigest` from the bytes of a file, given in order and in pieces of any size.
public struct ChunkedChecksum: Sendable {
  /// The bytes of a chunk: 4 MiB.
  public static let chunkBytes = 4 << 20

  private var digest = FileDigest(bytes: 0, chunks: [])
  private var current = CRC32C()
  private var filled = 0

  public init() {}

  /// The number of bytes seen.
  public var bytes: Int { digest.bytes }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.chunkBytes - filled))
      current.update(piece)
      filled += piece.count
      if filled == Self.chunkBytes { closeChunk() }
      rest = rest.dropFirst(piece.count)
    }
    digest.bytes += bytes.count
  }

  /// The digest of all bytes seen.
  public consuming func finish() -> FileDigest {
    if filled > 0 { closeChunk() }
    return digest
  }

  private mutating func closeChunk() {
    digest.chunks.append(current.value)
    current = CRC32C()
    filled = 0
  }
}
