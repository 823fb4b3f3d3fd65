import Tensors

/// The order in which training sees the samples: an endless row of permutations of them, one for each epoch.
///
/// Step s of a run with global batch G takes positions [s·G, (s + 1)·G). Nothing is stored: any position is computed
/// alone, so every rank, at any time, agrees on it.
public struct SampleOrder: Sendable, Hashable {
  /// The number of samples.
  public let count: Int
  public let seed: UInt64

  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "an order needs samples")
    self.count = count
    self.seed = seed
  }

  /// The epoch that `position` belongs to, counted from 0, and the sample that is taken there.
  public func sample(at position: Int) -> (epoch: Int, index: Int) {
    precondition(position >= 0, "positions are counted from 0")
    let (epoch, place) = position.quotientAndRemainder(dividingBy: count)
    return (epoch, Permutation(count: count, seed: seed, epoch: epoch)[place])
  }
}
