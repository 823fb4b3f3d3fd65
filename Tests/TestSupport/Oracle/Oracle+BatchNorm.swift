import Tensors

extension Oracle {
  /// What batch normalization finds out about each channel; the variance is biased.
  public struct Moments: Sendable {
    public var mean: [Double]
    public var variance: [Double]
    /// Values per channel.
    public var count: Int

    public init(mean: [Double], variance: [Double], count: Int) {
      self.mean = mean
      self.variance = variance
      self.count = count
    }

    /// What PyTorch puts into the running variance.
    public var unbiasedVariance: [Double] {
      variance.map { count > 1 ? $0 * Double(count) / Double(count - 1) : $0 }
    }
  }

  public static func moments(_ source: Images) -> Moments {
    let (channels, pixels) = (source.shape.channels, source.shape.pixels)
    let count = source.count * pixels
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    for (i, x) in source.values.enumerated() { mean[i / pixels % channels] += x / Double(count) }
    for (i, x) in source.values.enumerated() {
      let d = x - mean[i / pixels % channels]
      variance[i / pixels % channels] += d * d / Double(count)
    }
    return Moments(mean: mean, variance: variance, count: count)
  }

  /// γ·(x − mean)/√(variance + ε) + β.
  public static func normalize(
    _ source: Images, _ moments: Moments, scale: [Double], shift: [Double], epsilon: Double
  ) -> Images {
    let (channels, pixels) = (source.shape.channels, source.shape.pixels)
    var output = source
    for i in output.values.indices {
      let c = i / pixels % channels
      output.values[i] =
        scale[c] * (source.values[i] - moments.mean[c]) / (moments.variance[c] + epsilon).squareRoot() + shift[c]
    }
    return output
  }

  /// The gradients of a normalization by the batch's own moments.
  public static func normalizeGradients(
    _ source: Images, scale: [Double], epsilon: Double, outputGradient: Images
  ) -> (source: Images, scale: [Double], shift: [Double]) {
    let (channels, pixels) = (source.shape.channels, source.shape.pixels)
    let moments = moments(source)
    let deviation = moments.variance.map { ($0 + epsilon).squareRoot() }
    func normalized(_ i: Int) -> Double {
      (source.values[i] - moments.mean[i / pixels % channels]) / deviation[i / pixels % channels]
    }
    var scaleGradient = [Double](repeating: 0, count: channels)
    var shiftGradient = scaleGradient
    for (i, gradient) in outputGradient.values.enumerated() {
      scaleGradient[i / pixels % channels] += gradient * normalized(i)
      shiftGradient[i / pixels % channels] += gradient
    }
    var sourceGradient = source
    let count = Double(moments.count)
    for i in source.values.indices {
      let c = i / pixels % channels
      sourceGradient.values[i] =
        scale[c] / deviation[c]
        * (outputGradient.values[i] - shiftGradient[c] / count - normalized(i) * scaleGradient[c] / count)
    }
    return (sourceGradient, scaleGradient, shiftGradient)
  }
}
