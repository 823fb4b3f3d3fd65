/// How a source file becomes a stored image.
struct ImageRecipe {
  private let encoding: ShardBuild.Encoding

  /// Larger files are taken for broken.
  private static let longestFileByteCount = 512 << 20
  private static let jpegQuality = 95

  init(_ encoding: ShardBuild.Encoding) { self.encoding = encoding }

  /// A source file, ready to be stored.
  struct Prepared: Sendable {
    var sample: StoredSample
    /// Over the pixels as they are seen when the sample is decoded, or before it was encoded anew.
    var sums: ChannelSums
    var isReencoded: Bool
  }

  /// Reads and decodes a file: every image that is stored was decoded once.
  ///
  /// `number` becomes the sample's id.
  func prepare(
    _ item: ImageFolder.Item, number: Int, root: String
  ) -> Result<Prepared, UnreadableImage> {
    do throws(ShardError) {
      return .success(try prepared(item, number: number, path: root + "/" + item.path))
    } catch {
      return .failure(UnreadableImage(path: item.path, reason: error.description.trimmingFullStop))
    }
  }

  private func prepared(_ item: ImageFolder.Item, number: Int, path: String) throws(ShardError) -> Prepared {
    let file = try OpenFile(reading: path).contents(limit: Self.longestFileByteCount)
    var image = try file.withUnsafeBufferPointer { (bytes) throws(ShardError) in
      try RGBImage(decoding: UnsafeRawBufferPointer(bytes), named: item.path)
    }
    let bytes: [UInt8]
    var isReencoded = false
    switch encoding {
    case .jpeg:
      isReencoded = JPEGFile.components(of: file).map { $0 > 3 } ?? true
      bytes = isReencoded ? try image.jpegBytes(quality: Self.jpegQuality) : file
    case .raw(let size):
      image = image.resizedCentreCrop(to: size)
      bytes = image.pixels
    }
    var sums = ChannelSums()
    sums.add(image)
    return Prepared(
      sample: StoredSample(bytes: bytes, label: item.label, sampleID: UInt64(number)), sums: sums,
      isReencoded: isReencoded)
  }
}

/// The structure of JPEG files, as far as it tells how to store them (ITU-T T.81, annex B).
enum JPEGFile {
  /// The number of colour components in the frame header: 1 grey, 3 colour, 4 CMYK; nil if the bytes are not JPEG.
  static func components(of bytes: [UInt8]) -> Int? {
    guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
    var position = 2
    while position + 9 < bytes.count {
      guard bytes[position] == 0xFF else {
        position += 1
        continue
      }
      let marker = bytes[position + 1]
      switch marker {
      case 0xFF: position += 1
      // Markers without a length: TEM, restarts, start of image.
      case 0x00, 0x01, 0xD0...0xD8: position += 2
      // Every start of a frame, which are C0...CF except the tables DHT, JPG and DAC.
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return Int(bytes[position + 9])
      default: position += 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      }
    }
    return nil
  }
}

extension String {
  fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
