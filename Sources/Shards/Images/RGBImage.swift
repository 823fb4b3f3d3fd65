/// An image in memory: 8-bit red, green and blue, rows from top to bottom.
public struct RGBImage: Sendable, Equatable {
  public var width: Int
  public var height: Int
  /// height × width × 3 bytes, interleaved.
  public var pixels: [UInt8]

  /// `pixels` holds height × width × 3 bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "pixels do not fill the image")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Decodes a JPEG or PNG file, told apart by its first bytes; `named` names it in errors.
  ///
  /// Grey and CMYK become RGB, transparency and the orientation in EXIF are ignored (as torchvision's folders of
  /// images do). Images beyond ``ImageLimits`` are refused before any memory is taken for them.
  public init(decoding bytes: UnsafeRawBufferPointer, named name: String) throws(ShardError) {
    var pixels: [UInt8] = []
    let size = try ImageDecoder().decode(bytes, into: &pixels, named: name).pixels
    self.init(width: size.width, height: size.height, pixels: pixels)
  }
}

/// A size in pixels.
struct PixelSize: Hashable, Sendable {
  var width: Int
  var height: Int

  var count: Int { width * height }

  /// The size of an image of this size whose shorter side is resized to `side` pixels: the longer one is rounded down.
  func resized(toShorterSide side: Int) -> PixelSize {
    width <= height
      ? PixelSize(width: side, height: side * height / width) : PixelSize(width: side * width / height, height: side)
  }
}

/// The largest image that is decoded: beyond it, a file is taken for broken or hostile.
public enum ImageLimits {
  /// Of each side.
  public static let sidePixels = 10_000
  /// Of the whole image.
  public static let pixels = 50_000_000

  static func check(_ size: PixelSize, named name: String) throws(ShardError) {
    guard size.width > 0, size.height > 0 else {
      throw ShardError(
        .badData, "Cannot decode \(name): it is damaged, its header says \(size.width)×\(size.height) pixels")
    }
    guard size.width <= sidePixels, size.height <= sidePixels, size.count <= pixels else {
      throw ShardError(
        .badData,
        "Cannot decode \(name): \(size.width)×\(size.height) pixels are more than the limit of \(sidePixels) a side "
          + "and \(pixels / 1_000_000) million in all; make the image smaller first")
    }
  }
}
