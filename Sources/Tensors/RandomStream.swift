/// What random numbers are drawn for. Streams of different purposes are independent.
public enum RandomPurpose: UInt32, Sendable, CaseIterable {
  case initialization = 1
  case sampleOrder = 2
  case augmentation = 3
  case dropout = 4
  case synthesis = 5
  case test = 6
  case mixup = 7
}

/// The random numbers of one sample: a function of (seed, purpose, epoch, sample) alone.
///
/// Draws advance an element counter, so the n-th draw of a stream is always the same number.
public struct RandomStream: Sendable {
  private let generator: Philox
  private var counter: SIMD4<UInt32>
  private var block: SIMD4<UInt32> = .zero
  private var used = 4

  /// `epoch` below 2^32. `skipping` is how many draws of 32 bits lie behind already, below 2^34.
  public init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, sample: UInt64 = 0, skipping draws: Int = 0) {
    generator = Philox(seed: seed, purpose: purpose)
    counter = SIMD4(
      UInt32(draws / 4), UInt32(epoch), UInt32(truncatingIfNeeded: sample), UInt32(truncatingIfNeeded: sample >> 32))
    for _ in 0..<draws % 4 { _ = next() }
  }

  /// 32 random bits.
  public mutating func next() -> UInt32 {
    if used == 4 {
      block = generator(counter)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// 64 random bits.
  public mutating func next64() -> UInt64 {
    let low = UInt64(next())
    return low | UInt64(next()) << 32
  }

  /// A number in [0, 1), a multiple of 2^-32.
  public mutating func uniform() -> Double { Double(next()) * 0x1p-32 }

  /// A number in [lower, upper).
  public mutating func uniform(_ lower: Double, _ upper: Double) -> Double { lower + (upper - lower) * uniform() }

  /// An integer in 0..<bound, for bounds up to 2^32; the bias is below bound / 2^32.
  public mutating func next(below bound: Int) -> Int {
    Int((UInt64(next()) * UInt64(bound)) >> 32)
  }
}

extension Philox {
  /// The key of (seed, purpose): a bijective mix of the seed, moved by the purpose (SplitMix64's finalizer).
  public init(seed: UInt64, purpose: RandomPurpose) {
    var z = seed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(purpose.rawValue) + 1)
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    self.init(key: SIMD2(UInt32(truncatingIfNeeded: z), UInt32(truncatingIfNeeded: z >> 32)))
  }
}
