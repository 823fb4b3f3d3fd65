import Glibc
import Tensors

extension Oracle {
  /// The normalization of maps by those at most `reach` away: a / (bias + alpha · Σ (a′ − m)²)^beta.
  public struct ChannelNorm: Sendable {
    public var reach: Int
    public var bias: Double
    /// Of the sum itself.
    public var alpha: Double
    public var beta: Double
    /// Whether m is the mean of the maps in reach instead of 0.
    public var centred: Bool

    public init(reach: Int, bias: Double, alpha: Double, beta: Double, centred: Bool) {
      self.reach = reach
      self.bias = bias
      self.alpha = alpha
      self.beta = beta
      self.centred = centred
    }

    fileprivate func neighbours(of channel: Int, in shape: Shape) -> ClosedRange<Int> {
      max(0, channel - reach)...min(shape.channels - 1, channel + reach)
    }

    fileprivate func mean(_ values: [Double]) -> Double { centred ? values.reduce(0, +) / Double(values.count) : 0 }

    fileprivate func scale(_ values: [Double], mean: Double) -> Double {
      bias + alpha * values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
  }

  public static func normalize(_ source: Images, _ norm: ChannelNorm) -> Images {
    var output = source
    forEachColumn(source) { place, column in
      for c in column.indices {
        let near = norm.neighbours(of: c, in: source.shape).map { column[$0] }
        output.values[place(c)] = column[c] / pow(norm.scale(near, mean: norm.mean(near)), norm.beta)
      }
    }
    return output
  }

  /// The Jacobian of each column, element by element.
  public static func normalizeGradient(_ source: Images, outputGradient: Images, _ norm: ChannelNorm) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    forEachColumn(source) { place, column in
      for c in column.indices {
        let range = norm.neighbours(of: c, in: source.shape)
        let near = range.map { column[$0] }
        let mean = norm.mean(near)
        let scale = norm.scale(near, mean: mean)
        let upstream = outputGradient.values[place(c)]
        gradient.values[place(c)] += upstream * pow(scale, -norm.beta)
        for i in range {
          let slope = 2 * norm.alpha * (column[i] - mean)
          gradient.values[place(i)] -= upstream * column[c] * norm.beta * pow(scale, -norm.beta - 1) * slope
        }
      }
    }
    return gradient
  }

  /// Calls `body` for every position with the place of a channel in the values, and the values of all channels.
  private static func forEachColumn(_ source: Images, _ body: (_ place: (Int) -> Int, _ column: [Double]) -> Void) {
    let (channels, pixels) = (source.shape.channels, source.shape.pixels)
    for image in 0..<source.count {
      for pixel in 0..<pixels {
        func place(_ channel: Int) -> Int { (image * channels + channel) * pixels + pixel }
        body(place, (0..<channels).map { source.values[place($0)] })
      }
    }
  }
}
