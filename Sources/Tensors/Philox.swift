/// The counter-based generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
///
/// A pure function from (key, counter) to four 32-bit words: any element of any stream can be drawn by any rank or
/// thread, in any order, with the same result.
public struct Philox: Sendable {
  public let key: SIMD2<UInt32>

  public init(key: SIMD2<UInt32>) { self.key = key }

  /// The block of four words at `counter`.
  public func callAsFunction(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var word = counter
    var round = key
    for _ in 0..<10 {
      let (high0, low0) = word[0].multipliedFullWidth(by: 0xD251_1F53)
      let (high1, low1) = word[2].multipliedFullWidth(by: 0xCD9E_8D57)
      word = SIMD4(high1 ^ word[1] ^ round[0], low1, high0 ^ word[3] ^ round[1], low0)
      round = SIMD2(round[0] &+ 0x9E37_79B9, round[1] &+ 0xBB67_AE85)
    }
    return word
  }
}

extension UInt32 {
  fileprivate func multipliedFullWidth(by other: UInt32) -> (high: UInt32, low: UInt32) {
    let product = UInt64(self) * UInt64(other)
    return (UInt32(truncatingIfNeeded: product >> 32), UInt32(truncatingIfNeeded: product))
  }
}
