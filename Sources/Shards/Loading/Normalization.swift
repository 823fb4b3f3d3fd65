/// How bytes become the numbers a network sees: (byte / 255 - mean) / deviation, for each channel.
public struct Normalization: Sendable, Hashable {
  /// Of values in 0...1, one for each channel.
  public let mean: [Float]
  public let deviation: [Float]
  /// The 256 values of each channel, one channel after the other.
  let table: [Float]

  /// One mean and one positive deviation for each channel.
  public init(mean: [Float], deviation: [Float]) {
    precondition(mean.count == deviation.count, "each channel has a mean and a deviation")
    precondition(mean.allSatisfy(\.isFinite) && deviation.allSatisfy { $0 > 0 && $0.isFinite })
    self.mean = mean
    self.deviation = deviation
    table = zip(mean, deviation).flatMap { mean, deviation in
      (0..<256).map { (Float($0) / 255 - mean) / deviation }
    }
  }

  public var channels: Int { mean.count }

  /// The byte that is nearest to the normalised `value` of `channel`.
  func byte(of value: Float, channel: Int) -> UInt8 {
    let byte = (value * deviation[channel] + mean[channel]) * 255
    return UInt8(max(0, min(255, byte.rounded())))
  }
}
