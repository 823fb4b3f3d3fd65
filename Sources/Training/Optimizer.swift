public import Configuration
public import Execution
public import Kernels
import Networks

/// The rule that turns summed gradients into new weights, over any range of the arena.
///
/// Ranges come from the collectives: they cut the arena where they like, so the rule knows which floats are decayed.
public struct Optimizer: Sendable {
  private let momentum: Float
  private let nesterov: Bool
  /// Runs of the arena with one weight decay each, in order; together they cover it.
  private let runs: [Run]

  private struct Run: Sendable {
    var range: Range<Int>
    var weightDecay: Float
  }

  public init(_ configuration: RunConfiguration.Optimizer, _ plan: Plan) {
    momentum = Float(configuration.momentum)
    nesterov = configuration.nesterov
    var runs: [Run] = []
    for parameter in plan.parameters {
      let decayed = parameter.role == .weight || configuration.decayNormAndBias
      let decay = decayed ? Float(configuration.weightDecay) : 0
      if let last = runs.last, last.weightDecay == decay {
        runs[runs.count - 1].range = last.range.lowerBound..<parameter.range.upperBound
      } else {
        runs.append(Run(range: parameter.range, weightDecay: decay))
      }
    }
    self.runs = runs
  }

  /// Updates weights and velocities in `range` of their arenas; `gradient` is that of the first float of the range.
  public func update(
    _ range: Range<Int>, gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, learningRate: Double, on processor: Processor
  ) {
    for run in runs {
      let part = run.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      MomentumStep(
        learningRate: Float(learningRate), momentum: momentum, weightDecay: run.weightDecay, nesterov: nesterov
      ).run(
        on: processor, weights: weights + part.lowerBound, gradient: gradient + (part.lowerBound - range.lowerBound),
        velocity: velocity + part.lowerBound, count: part.count)
    }
  }
}
