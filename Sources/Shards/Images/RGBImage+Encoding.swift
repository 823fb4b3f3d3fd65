import CPNG
import CTurboJPEG

extension RGBImage {
  /// The image as a JPEG file with halved chroma (4:2:0), `quality` in 1...100.
  public func jpegBytes(quality: Int) throws(ShardError) -> [UInt8] {
    precondition((1...100).contains(quality), "JPEG quality is 1 to 100")
    guard let encoder = tjInitCompress() else { fatalError("out of memory: no JPEG encoder") }
    defer { tjDestroy(encoder) }
    var file: UnsafeMutablePointer<UInt8>?
    defer { tjFree(file) }
    var byteCount: UInt = 0
    let status = tjCompress2(
      encoder, pixels, Int32(width), 0, Int32(height), TJPF_RGB.rawValue, &file, &byteCount,
      Int32(TJSAMP_420.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    guard status == 0, let file else {
      let reason = String(cString: tjGetErrorStr2(encoder))
      throw ShardError(.badData, "Cannot encode an image of \(width)×\(height) pixels as JPEG: \(reason)")
    }
    return [UInt8](UnsafeBufferPointer(start: file, count: Int(byteCount)))
  }

  /// The image as a PNG file.
  public func pngBytes() throws(ShardError) -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.format = PNG_FORMAT_FLAG_COLOR
    defer { png_image_free(&image) }
    // Asked without memory, libpng tells the size.
    var byteCount = 0
    guard png_image_write_to_memory(&image, nil, &byteCount, 0, pixels, 0, nil) != 0 else {
      throw encodingFailure(image)
    }
    var file = [UInt8](repeating: 0, count: byteCount)
    guard png_image_write_to_memory(&image, &file, &byteCount, 0, pixels, 0, nil) != 0 else {
      throw encodingFailure(image)
    }
    return file
  }

  private func encodingFailure(_ image: png_image) -> ShardError {
    ShardError(.badData, "Cannot encode an image of \(width)×\(height) pixels as PNG: \(image.reason)")
  }
}
