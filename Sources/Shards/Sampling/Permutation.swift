import Tensors

/// A permutation of 0..<count that is drawn by (seed, epoch) and computed element by element.
///
/// A Feistel network permutes the smallest even power of two that holds `count`; whoever lands outside walks on along
/// its cycle until it comes back inside, which leaves a bijection of what is inside (Black and Rogaway, "Ciphers with
/// arbitrary finite domains", CT-RSA 2002). The walk takes fewer than 4 steps on average.
struct Permutation {
  static let rounds = 10

  let count: Int
  /// Half the bits of the network's domain.
  private let halfBits: UInt64
  private let keys: [10 of UInt64]

  init(count: Int, seed: UInt64, epoch: Int) {
    precondition(count > 0)
    self.count = count
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    halfBits = UInt64((bits + 1) / 2)
    var stream = RandomStream(seed: seed, purpose: .sampleOrder, epoch: epoch)
    keys = [10 of UInt64] { _ in stream.next64() }
  }

  /// The element at `place`, which is in 0..<count.
  subscript(place: Int) -> Int {
    precondition(place >= 0 && place < count, "place outside the permutation")
    var element = UInt64(place)
    repeat { element = permuted(element) } while element >= UInt64(count)
    return Int(element)
  }

  private func permuted(_ element: UInt64) -> UInt64 {
    let mask = (1 as UInt64) << halfBits &- 1
    var left = element >> halfBits
    var right = element & mask
    for round in 0..<Self.rounds {
      (left, right) = (right, left ^ (Self.mixed(right ^ keys[round]) & mask))
    }
    return left << halfBits | right
  }

  /// A bijective mix of 64 bits, the finalizer of SplitMix64.
  private static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
