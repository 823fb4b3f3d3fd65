import Files
import Testing

@Suite("Checksums of 4 MiB chunks")
struct ChunkedChecksumTests {
  static let chunk = 4 << 20

  @Test(arguments: [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk + 12345], [1 << 16, 999_983, chunk, 3 * chunk])
  func areThoseOfTheChunksHoweverTheBytesCome(count: Int, piece: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    bytes.withUnsafeBytes { all in
      var checksum = ChunkedChecksum()
      for start in stride(from: 0, to: count, by: piece) {
        checksum.update(UnsafeRawBufferPointer(rebasing: all[start..<min(start + piece, count)]))
      }
      let expected = stride(from: 0, to: count, by: Self.chunk).map { start in
        CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: all[start..<min(start + Self.chunk, count)]))
      }
      #expect(checksum.finish() == FileDigest(bytes: count, chunks: expected))
    }
  }

  @Test func crc32cIsCastagnolis() {
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32C.checksum(of: $0) } == 0xE306_9283)
  }
}
