import Configuration
import Execution
import Kernels
import Networks
import Tensors
import Testing
import Training
import Workers

@Suite("The optimizer") struct OptimizerTests {
  private static let network: Network = {
    var options = ModelOptions(classes: 10)
    options.inputSize = 8
    return Network.cifarResNet(depth: 20, residual: true, options).fused()
  }()
  private static let plan = Plan(network, images: 4, mode: .training)

  /// Weights and velocities behind three steps whose arena is updated in these pieces.
  private func train(
    _ optimizer: RunConfiguration.Optimizer, cuts: [Int]
  ) -> (weights: [Float], velocity: [Float], before: [Float], gradient: [Float]) {
    let count = Self.plan.parameterFloats
    let processor = Processor(kernels: .fastest, team: Team(size: 1))
    let weights = Arena(count: count)
    let velocity = Arena(count: count)
    let gradient = Arena(count: count)
    processor.fillNormal(weights.floats, count: count, deviation: 1, seed: 5, purpose: .test, stream: 0)
    processor.fillNormal(gradient.floats, count: count, deviation: 1, seed: 5, purpose: .test, stream: 1)
    let values = { (floats: UnsafePointer<Float>) in Array(UnsafeBufferPointer(start: floats, count: count)) }
    let before = values(weights.floats)
    let rule = Optimizer(optimizer, Self.plan)
    let bounds = [0] + cuts + [count]
    for _ in 0..<3 {
      for (start, end) in zip(bounds, bounds.dropFirst()) {
        rule.update(
          start..<end, gradient: UnsafePointer(gradient.floats + start), weights: weights.floats,
          velocity: velocity.floats, learningRate: 0.1, on: processor)
      }
    }
    return (values(weights.floats), values(velocity.floats), before, values(gradient.floats))
  }

  private static func settings(decaysAll: Bool, nesterov: Bool) -> RunConfiguration.Optimizer {
    var settings = RunConfiguration.Optimizer()
    settings.weightDecay = 0.01
    settings.nesterov = nesterov
    settings.decayNormAndBias = decaysAll
    return settings
  }

  /// torch.optim.SGD, element by element, in double precision.
  @Test(arguments: [true, false], [true, false]) func isTorchs(_ decaysAll: Bool, _ nesterov: Bool) throws {
    let settings = Self.settings(decaysAll: decaysAll, nesterov: nesterov)
    let result = train(settings, cuts: [])
    #expect(Set(Self.plan.parameters.map(\.role)).count > 1)
    for parameter in Self.plan.parameters {
      let decay = decaysAll || parameter.role == .weight ? 0.01 : 0
      for i in parameter.range {
        var weight = Double(result.before[i])
        var velocity = 0.0
        for _ in 0..<3 {
          let gradient = Double(result.gradient[i]) + decay * weight
          velocity = 0.9 * velocity + gradient
          weight -= 0.1 * (nesterov ? gradient + 0.9 * velocity : velocity)
        }
        guard abs(Double(result.weights[i]) - weight) < 1e-5, abs(Double(result.velocity[i]) - velocity) < 1e-5 else {
          Issue.record("\(parameter.name) at \(i): \(result.weights[i]), not \(weight)")
          return
        }
      }
    }
  }

  /// Ranks own ranges that know nothing of parameters.
  @Test(arguments: [true, false]) func doesNotDependOnTheCut(_ decaysAll: Bool) {
    let settings = Self.settings(decaysAll: decaysAll, nesterov: true)
    let whole = train(settings, cuts: [])
    let count = Self.plan.parameterFloats
    for cuts in [[16], [count / 48 * 16, count / 32 * 16], Array(stride(from: 112, to: count, by: 112))] {
      let cut = train(settings, cuts: cuts)
      #expect(cut.weights == whole.weights && cut.velocity == whole.velocity)
    }
  }
}
