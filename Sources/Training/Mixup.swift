public import Kernels
import Tensors

/// The mixing of each step of a run: one share for all ranks, drawn from Beta(alpha, alpha) by (seed, step) alone.
///
/// Images are mixed within their microbatch, so that the number of ranks does not matter: the samples of a microbatch
/// are in random order, and each is mixed with the next one.
public struct Mixup: Sendable {
  private let alpha: Double
  private let seed: UInt64

  /// Nil where nothing is to be mixed, because `alpha` is 0.
  public init?(alpha: Double, seed: UInt64) {
    guard alpha > 0 else { return nil }
    self.alpha = alpha
    self.seed = seed
  }

  /// How step `step` mixes, counted from 0.
  public func mixing(of step: Int) -> Mixing {
    Mixing(share: Float(share(of: step)))
  }

  /// X / (X + Y) for X and Y from Gamma(alpha): from their logarithms, since both may be too small for a number.
  private func share(of step: Int) -> Double {
    var stream = RandomStream(seed: seed, purpose: .mixup, sample: UInt64(step))
    let x = logarithmOfGamma(&stream)
    let y = logarithmOfGamma(&stream)
    return 1 / (1 + Elementary.exp(y - x))
  }

  /// The logarithm of a number from Gamma(alpha, 1) (Marsaglia and Tsang 2000), for alpha below 1 from that of alpha +
  /// 1.
  private func logarithmOfGamma(_ stream: inout RandomStream) -> Double {
    let shape = alpha < 1 ? alpha + 1 : alpha
    let boost = alpha < 1 ? Elementary.log(stream.positive()) / alpha : 0
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = stream.normal()
      let root = 1 + c * normal
      guard root > 0 else { continue }
      let logarithm = 3 * Elementary.log(root)
      if Elementary.log(stream.positive()) < normal * normal / 2 + d - d * root * root * root + d * logarithm {
        return Elementary.log(d) + logarithm + boost
      }
    }
  }
}
