import CTurboJPEG

/// Decodes image files into RGB, one after another, on one thread at a time.
struct ImageDecoder: ~Copyable {
  private let jpeg: tjhandle

  init() {
    guard let handle = tjInitDecompress() else { fatalError("out of memory: no JPEG decoder") }
    jpeg = handle
  }

  deinit { tjDestroy(jpeg) }

  /// What came out of decoding: an image shrunk by `divisor`.
  struct DecodedSize {
    var pixels: PixelSize
    var divisor: Int
  }

  /// The format of a file, by its first bytes.
  private enum Format {
    case jpeg
    case png

    init?(_ bytes: UnsafeRawBufferPointer) {
      if bytes.starts(with: [0xFF, 0xD8, 0xFF] as [UInt8]) {
        self = .jpeg
      } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] as [UInt8]) {
        self = .png
      } else {
        return nil
      }
    }
  }

  /// Replaces `pixels` by the decoded image.
  ///
  /// `reduction` is told the size of the image and says by what divisor (1, 2, 4, 8) a JPEG may be shrunk while it is
  /// decoded: sides are divided and rounded up. A PNG is never shrunk.
  func decode(
    _ bytes: UnsafeRawBufferPointer, into pixels: inout [UInt8], named name: @autoclosure () -> String,
    reduction: (PixelSize) -> Int = { _ in 1 }
  ) throws(ShardError) -> DecodedSize {
    switch Format(bytes) {
    case .jpeg:
      let header = try jpegHeader(bytes, named: name())
      let divisor = reduction(header.size)
      let size = try decodeJPEG(bytes, header, divisor: divisor, into: &pixels, named: name())
      return DecodedSize(pixels: size, divisor: divisor)
    case .png:
      let size = try decodePNG(bytes, into: &pixels, named: name())
      _ = reduction(size)
      return DecodedSize(pixels: size, divisor: 1)
    case nil:
      throw ShardError(.badData, "Cannot decode \(name()): it is neither JPEG nor PNG by its first bytes")
    }
  }

  private struct JPEGHeader {
    var size: PixelSize
    var isCMYK: Bool
  }

  private func jpegHeader(_ bytes: UnsafeRawBufferPointer, named name: @autoclosure () -> String) throws(ShardError)
    -> JPEGHeader
  {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colours: Int32 = 0
    let status = tjDecompressHeader3(
      jpeg, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count), &width, &height, &subsampling,
      &colours)
    // Rare subsamplings are reported as errors, after the sizes were found; they decode all the same.
    guard status == 0 || (width > 0 && height > 0 && subsampling < 0) else { throw jpegFailure(name()) }
    let size = PixelSize(width: Int(width), height: Int(height))
    try ImageLimits.check(size, named: name())
    return JPEGHeader(size: size, isCMYK: colours == TJCS_CMYK.rawValue || colours == TJCS_YCCK.rawValue)
  }

  private func decodeJPEG(
    _ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader, divisor: Int, into pixels: inout [UInt8],
    named name: @autoclosure () -> String
  ) throws(ShardError) -> PixelSize {
    precondition([1, 2, 4, 8].contains(divisor), "JPEG images shrink by 1, 2, 4 or 8")
    let size = PixelSize(
      width: (header.size.width + divisor - 1) / divisor, height: (header.size.height + divisor - 1) / divisor)
    let channels = header.isCMYK ? 4 : 3
    pixels.resize(to: size.count * channels)
    let status = pixels.withUnsafeMutableBufferPointer { target in
      tjDecompress2(
        jpeg, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count), target.baseAddress,
        Int32(size.width), 0, Int32(size.height), (header.isCMYK ? TJPF_CMYK : TJPF_RGB).rawValue,
        TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
    }
    guard status == 0 || isForgivable(bytes) else { throw jpegFailure(name()) }
    if header.isCMYK { pixels.convertFromInvertedCMYK(count: size.count) }
    return size
  }

  /// Whether what libjpeg complained of last is only a warning, after which the image was decoded to its end.
  ///
  /// Stray bytes are common in old files, and other programs read them; missing ones are not forgiven. The error code
  /// is of no use: it says "warning" also for an error that ended decoding after a warning. So the message decides, and
  /// as only the first warning has one, the mark of the file's end is looked for as well.
  private func isForgivable(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let warnings = [
      "Corrupt JPEG data", "Inconsistent progression", "Invalid SOS parameters for sequential", "Unknown Adobe color",
      "Warning: unknown JFIF",
    ]
    guard warnings.contains(where: { failureReason.hasPrefix($0) }) else { return false }
    return bytes.indices.dropLast().reversed().contains { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD9 }
  }

  private var failureReason: String { String(cString: tjGetErrorStr2(jpeg)) }

  private func jpegFailure(_ name: String) -> ShardError {
    ShardError(.badData, "Cannot decode \(name): damaged JPEG (\(failureReason))")
  }
}

extension [UInt8] {
  /// Makes the array `count` bytes long; what it then holds is unspecified. Allocates only to grow beyond its capacity.
  mutating func resize(to count: Int) {
    if count < self.count {
      removeLast(self.count - count)
    } else if count > self.count {
      if count > capacity { removeAll(keepingCapacity: true) }
      append(contentsOf: repeatElement(0, count: count - self.count))
    }
  }

  /// Turns `count` pixels of CMYK, stored inverted as Adobe's programs do (and Pillow assumes), into RGB in place.
  fileprivate mutating func convertFromInvertedCMYK(count: Int) {
    withUnsafeMutableBufferPointer { bytes in
      for pixel in 0..<count {
        let black = Int(bytes[4 * pixel + 3])
        for channel in 0..<3 {
          bytes[3 * pixel + channel] = UInt8((Int(bytes[4 * pixel + channel]) * black + 127) / 255)
        }
      }
    }
    removeLast(count)
  }
}
