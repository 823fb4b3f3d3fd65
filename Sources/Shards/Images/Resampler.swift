/// Resizes images by the antialiased bilinear filter, one after another, reusing its memory.
///
/// Rows first, then columns, each rounded to 8 bits, in integers: Pillow's `resize(BILINEAR)` to the bit.
struct Resampler {
  private var horizontal = ResampleWeights()
  private var vertical = ResampleWeights()
  private var rows: [UInt8] = []

  /// Replaces `pixels` by the result, of `horizontal.targets` × `vertical.targets` pixels; returns its size.
  mutating func resample(
    _ source: PixelView, _ across: ResampleAxis, _ down: ResampleAxis, into pixels: inout [UInt8]
  ) -> PixelSize {
    let size = PixelSize(width: across.targets.count, height: down.targets.count)
    precondition(across.window.upperBound <= source.size.width && down.window.upperBound <= source.size.height)
    horizontal.compute(across)
    vertical.compute(down)
    // Only the rows that the columns look at.
    let top = Int(vertical.first[0])
    let bottom = zip(vertical.first, vertical.count).reduce(top) { max($0, Int($1.0) + Int($1.1)) }
    let rowBytes = size.width * source.channels
    rows.resize(to: (bottom - top) * rowBytes)
    pixels.resize(to: size.height * rowBytes)
    rows.withUnsafeMutableBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      for y in top..<bottom {
        horizontal.resampleRow(source.row(y), channels: source.channels, into: rows + (y - top) * rowBytes)
      }
      pixels.withUnsafeMutableBufferPointer { pixels in
        guard let pixels = pixels.baseAddress else { return }
        for y in 0..<size.height {
          let first = rows + (Int(vertical.first[y]) - top) * rowBytes
          vertical.blendRows(first, target: y, rowBytes: rowBytes, into: pixels + y * rowBytes)
        }
      }
    }
    return size
  }
}

extension ResampleWeights {
  /// One row of the result of the first pass.
  fileprivate func resampleRow(
    _ source: UnsafePointer<UInt8>, channels: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    weights.withUnsafeBufferPointer { weights in
      for x in 0..<first.count {
        let taps = Int(count[x])
        let base = x * stride
        let from = source + Int(first[x]) * channels
        if channels == 3 {
          var red = Self.half
          var green = Self.half
          var blue = Self.half
          for tap in 0..<taps {
            let weight = weights[base + tap]
            red &+= Int32(from[3 * tap]) &* weight
            green &+= Int32(from[3 * tap + 1]) &* weight
            blue &+= Int32(from[3 * tap + 2]) &* weight
          }
          target[3 * x] = Self.rounded(red)
          target[3 * x + 1] = Self.rounded(green)
          target[3 * x + 2] = Self.rounded(blue)
        } else {
          var grey = Self.half
          for tap in 0..<taps { grey &+= Int32(from[tap]) &* weights[base + tap] }
          target[x] = Self.rounded(grey)
        }
      }
    }
  }

  /// Row `y` of the result: a weighted sum of rows of the first pass.
  fileprivate func blendRows(
    _ rows: UnsafePointer<UInt8>, target y: Int, rowBytes: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    let taps = Int(count[y])
    weights.withUnsafeBufferPointer { weights in
      let weights = UnsafeBufferPointer(rebasing: weights[y * stride..<y * stride + taps])
      for x in 0..<rowBytes {
        var sum = Self.half
        for tap in 0..<taps { sum &+= Int32(rows[tap * rowBytes + x]) &* weights[tap] }
        target[x] = Self.rounded(sum)
      }
    }
  }

  private static let half: Int32 = 1 << (fractionBits - 1)

  private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, sum >> fractionBits)))
  }
}
