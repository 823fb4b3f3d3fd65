import Shards

/// A white picture to draw rectangles and text on. What lies outside of it is left out.
struct Canvas {
  private(set) var image: RGBImage

  init(width: Int, height: Int) {
    image = RGBImage(width: width, height: height, pixels: [UInt8](repeating: 255, count: width * height * 3))
  }

  /// Fills `width` × `height` pixels from (x, y) with a colour: red, green, blue.
  mutating func fill(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ colour: [UInt8]) {
    for row in max(0, y)..<max(0, y, min(image.height, y + height)) {
      for column in max(0, x)..<max(0, x, min(image.width, x + width)) {
        let place = (row * image.width + column) * 3
        for channel in 0..<3 { image.pixels[place + channel] = colour[channel] }
      }
    }
  }

  /// The outline of a rectangle, one pixel wide.
  mutating func frame(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ colour: [UInt8]) {
    fill(x, y, width, 1, colour)
    fill(x, y + height - 1, width, 1, colour)
    fill(x, y, 1, height, colour)
    fill(x + width - 1, y, 1, height, colour)
  }

  static let glyphHeight = PixelFont.height

  static func width(of text: String) -> Int { max(0, text.unicodeScalars.count * (PixelFont.width + 1) - 1) }

  /// Writes from left to right; (x, y) is the first letter's upper left corner.
  mutating func write(_ text: String, _ x: Int, _ y: Int, _ colour: [UInt8]) {
    for dot in Self.dots(of: text) { fill(x + dot.along, y + dot.down, 1, 1, colour) }
  }

  /// Writes upwards, turned to the left; (x, y) is the lower left corner.
  mutating func writeUpwards(_ text: String, _ x: Int, _ y: Int, _ colour: [UInt8]) {
    for dot in Self.dots(of: text) { fill(x + dot.down, y - 1 - dot.along, 1, 1, colour) }
  }

  private static func dots(of text: String) -> [(along: Int, down: Int)] {
    text.unicodeScalars.enumerated().flatMap { place, scalar in
      PixelFont.columns(of: scalar).enumerated().flatMap { column, dots in
        (0..<PixelFont.height).filter { dots >> $0 & 1 == 1 }.map { (place * (PixelFont.width + 1) + column, $0) }
      }
    }
  }
}
