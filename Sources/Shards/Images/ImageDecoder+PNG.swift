import CPNG

extension ImageDecoder {
  /// Replaces `pixels` by the decoded PNG: palette and grey become RGB, 16 bits become 8, transparency is dropped.
  func decodePNG(
    _ bytes: UnsafeRawBufferPointer, into pixels: inout [UInt8], named name: @autoclosure () -> String
  ) throws(ShardError) -> PixelSize {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
      throw ShardError(.badData, "Cannot decode \(name()): damaged PNG (\(image.reason))")
    }
    let size = PixelSize(width: Int(image.width), height: Int(image.height))
    try ImageLimits.check(size, named: name())

    // Without this, 16-bit images that do not state their gamma are taken for linear light and come out brighter.
    image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let hasAlpha = image.format & PNG_FORMAT_FLAG_ALPHA != 0
    image.format = PNG_FORMAT_FLAG_COLOR | (hasAlpha ? PNG_FORMAT_FLAG_ALPHA : 0)
    pixels.resize(to: size.count * (hasAlpha ? 4 : 3))
    let done = pixels.withUnsafeMutableBytes { target in
      png_image_finish_read(&image, nil, target.baseAddress, 0, nil)
    }
    guard done != 0 else {
      throw ShardError(.badData, "Cannot decode \(name()): damaged PNG (\(image.reason))")
    }
    if hasAlpha { pixels.dropAlpha(count: size.count) }
    return size
  }
}

extension png_image {
  /// What libpng says went wrong.
  var reason: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension [UInt8] {
  /// Turns `count` pixels of RGBA into RGB in place.
  fileprivate mutating func dropAlpha(count: Int) {
    withUnsafeMutableBufferPointer { bytes in
      for pixel in 0..<count {
        for channel in 0..<3 { bytes[3 * pixel + channel] = bytes[4 * pixel + channel] }
      }
    }
    removeLast(count)
  }
}
