import Files

/// What a checkpoint consists of: the contents of `MANIFEST.json`, the file that is written last.
///
/// The last member of the file is the CRC-32C of all bytes before it, so the manifest vouches for itself too.
struct Manifest: Codable, Equatable {
  struct File: Codable, Equatable {
    var bytes: Int
    /// One checksum per chunk, as eight hexadecimal digits.
    var crc32c: [String]
  }

  static let currentFormatVersion = 1
  static let name = "MANIFEST.json"
  static let maximumBytes = 64 << 20

  var format = "convoy-checkpoint"
  var formatVersion = Self.currentFormatVersion
  var step: Int
  var createdBy: String
  var chunkBytes = ChunkedChecksum.chunkBytes
  var files: [String: File]

  init(step: Int, createdBy: String, digests: [String: FileDigest]) {
    self.step = step
    self.createdBy = createdBy
    files = digests.mapValues { File(bytes: $0.bytes, crc32c: $0.chunks.map(\.hexadecimal)) }
  }

  func encoded() -> [UInt8] {
    // The object without its closing bracket, to put one more member behind the others.
    let body = Array(JSONText.encode(self).dropLast(2))
    return body + Self.seal(body)
  }

  /// Checks the seal and reads the rest; throws `corrupt` or `mismatch`.
  init(parsing text: [UInt8], path: String) throws(CheckpointError) {
    let sealBytes = Self.seal([]).count
    guard text.count > sealBytes, Array(text.suffix(sealBytes)) == Self.seal(Array(text.dropLast(sealBytes))) else {
      throw .corrupt(path, "its own checksum is missing or wrong")
    }
    self = try JSONText.decode(Manifest.self, text, newest: Self.currentFormatVersion, path: path)
    guard format == "convoy-checkpoint", chunkBytes == ChunkedChecksum.chunkBytes, step >= 0 else {
      throw .corrupt(path, "it is not the manifest of a checkpoint")
    }
  }

  private static func seal(_ body: [UInt8]) -> [UInt8] {
    let checksum = body.span.withUnsafeBytes { CRC32C.checksum(of: $0) }
    return Array(",\n  \"manifestCRC32C\" : \"\(checksum.hexadecimal)\"\n}\n".utf8)
  }
}
