/// Exact sums over pixels, per channel: the same in whatever order images are added.
struct ChannelSums: Sendable, Equatable {
  private(set) var pixels: UInt64 = 0
  private(set) var sum = SIMD3<UInt64>()
  /// Of the squares; 2^64 holds those of 10^14 pixels.
  private(set) var squares = SIMD3<UInt64>()

  /// Adds every pixel of interleaved RGB bytes.
  mutating func add(_ image: borrowing RGBImage) {
    var (red, green, blue) = (UInt64(), UInt64(), UInt64())
    var (redSquares, greenSquares, blueSquares) = (UInt64(), UInt64(), UInt64())
    image.pixels.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let (r, g, b) = (UInt64(bytes[index]), UInt64(bytes[index + 1]), UInt64(bytes[index + 2]))
        red &+= r
        green &+= g
        blue &+= b
        redSquares &+= r &* r
        greenSquares &+= g &* g
        blueSquares &+= b &* b
        index += 3
      }
    }
    pixels &+= UInt64(image.pixels.count / 3)
    sum &+= SIMD3(red, green, blue)
    squares &+= SIMD3(redSquares, greenSquares, blueSquares)
  }

  mutating func add(_ other: ChannelSums) {
    pixels &+= other.pixels
    sum &+= other.sum
    squares &+= other.squares
  }

  /// Per channel, where 255 counts as 1; 0 without pixels.
  var mean: [Double] {
    (0..<3).map { pixels == 0 ? 0 : Double(sum[$0]) / Double(pixels) / 255 }
  }

  /// The standard deviation per channel, where 255 counts as 1, but at least 1/255.
  var std: [Double] {
    (0..<3).map { channel in
      guard pixels > 0 else { return 1 / 255.0 }
      let mean = Double(sum[channel]) / Double(pixels)
      let variance = Double(squares[channel]) / Double(pixels) - mean * mean
      return max(variance, 1).squareRoot() / 255
    }
  }
}
