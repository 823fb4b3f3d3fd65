/// How the pixels of one side of a resampled image lie over the pixels of its source.
///
/// Pixel `t` of the result, for `t` in `targets`, covers [origin + t·scale, origin + (t + 1)·scale) of the source.
struct ResampleAxis: Hashable, Sendable {
  /// The source pixels that may be looked at.
  var window: Range<Int>
  var origin: Double
  var scale: Double
  var targets: Range<Int>

  /// The whole of `window`, or its part that `targets` names, of an image resized from `window` to `resized` pixels.
  init(resizing window: Range<Int>, to resized: Int, targets: Range<Int>? = nil) {
    self.window = window
    origin = Double(window.lowerBound)
    scale = Double(window.count) / Double(resized)
    self.targets = targets ?? 0..<resized
  }

  /// The pixels `part` of one side of an image that is resized from `source` to `resized` pixels, resized in turn to
  /// `count` pixels: both in one step, which rounds and blurs less than two would.
  init(part: Range<Int>, of resized: Int, from source: Int, to count: Int) {
    let first = Double(source) / Double(resized)
    origin = Double(part.lowerBound) * first
    scale = Double(part.count) * first / Double(count)
    let end = (Double(part.upperBound) * first).rounded(.up)
    window = Int(origin)..<min(source, Int(end))
    targets = 0..<count
  }

  /// The first source pixel, if the result only copies source pixels.
  var copiedFrom: Int? {
    guard scale == 1, origin == origin.rounded(.down) else { return nil }
    return Int(origin) + targets.lowerBound
  }

  /// The same axis over a source that was shrunk by `divisor` to `count` pixels.
  func divided(by divisor: Int, count: Int) -> ResampleAxis {
    var axis = self
    axis.window = window.lowerBound / divisor..<min(count, (window.upperBound + divisor - 1) / divisor)
    axis.origin = origin / Double(divisor)
    axis.scale = scale / Double(divisor)
    return axis
  }
}

/// The fixed-point weights of the antialiased bilinear filter along one axis.
///
/// The filter is a triangle, as wide as two source pixels or two target pixels, whichever is more. The operations are
/// Pillow's (`precompute_coeffs` of Resample.c), so that results are the same to the bit.
struct ResampleWeights {
  /// Weights are multiples of 2^-22: 255 times their sum stays within 32 bits.
  static let fractionBits = 22

  /// The source pixels of each target: the first one, and how many.
  private(set) var first: [Int32] = []
  private(set) var count: [Int32] = []
  /// `stride` weights for each target.
  private(set) var weights: [Int32] = []
  private(set) var stride = 0
  private var real: [Double] = []

  mutating func compute(_ axis: ResampleAxis) {
    let support = max(axis.scale, 1)
    let sharpness = 1 / support
    stride = Int(support.rounded(.up)) * 2 + 1
    first.removeAll(keepingCapacity: true)
    count.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    for target in axis.targets {
      let centre = axis.origin + (Double(target) + 0.5) * axis.scale
      let low = max(axis.window.lowerBound, Int(centre - support + 0.5))
      let high = max(low + 1, min(axis.window.upperBound, Int(centre + support + 0.5)))
      real.removeAll(keepingCapacity: true)
      var sum = 0.0
      for pixel in low..<high {
        let distance = abs((Double(pixel) - centre + 0.5) * sharpness)
        let weight = distance < 1 ? 1 - distance : 0
        real.append(weight)
        sum += weight
      }
      for weight in real { weights.append(Int32(0.5 + weight / sum * Double(1 << Self.fractionBits))) }
      weights.append(contentsOf: repeatElement(0, count: stride - real.count))
      first.append(Int32(low))
      count.append(Int32(real.count))
    }
  }
}
