import Configuration
import Tensors

/// What an optimizer carries from step to step: one or two arenas that are laid out as the weights are.
///
/// Whole on rank 0 when gathered; else only what a rank owns is up to date.
public final class Moments {
  /// Of each arena: what comes before a parameter's name in `optimizer.safetensors`. Adam's are the names of PyTorch.
  let prefixes: [String]
  private let arena: Arena
  private let count: Int

  init(_ settings: RunConfiguration.Optimizer, count: Int) {
    self.count = count
    prefixes = settings.momentCount == 1 ? [""] : ["exp_avg:", "exp_avg_sq:"]
    arena = Arena(count: count * prefixes.count)
  }

  /// Velocities, or Adam's first moments.
  package var first: UnsafeMutablePointer<Float> { self[0] }
  /// Adam's second moments.
  package var second: UnsafeMutablePointer<Float> { self[1] }

  subscript(number: Int) -> UnsafeMutablePointer<Float> {
    precondition(number < prefixes.count, "This optimizer has \(prefixes.count) moments.")
    return arena.floats + number * count
  }
}
