public import Configuration
public import Execution
import Kernels
import Networks
import Tensors

/// The rule that turns summed gradients into new weights, over any range of the arena.
///
/// Ranges come from the collectives: they cut the arena where they like, so the rule knows which floats are decayed,
/// and which have a rate of their own.
struct Optimizer: Sendable {
  /// What a step needs beside gradients.
  struct Step: Sendable {
    /// Counted from 1.
    var number: Int
    var learningRate: Double
    /// That of the step before; the same in a run's first step.
    var formerLearningRate: Double
    var taming = GradientTaming()
  }

  private let settings: RunConfiguration.Optimizer
  /// Runs of the arena with one weight decay and one rate each, in order; together they cover it.
  private let runs: [Run]

  private struct Run: Sendable {
    var range: Range<Int>
    var weightDecay: Float
    /// The parameter whose own rate applies.
    var tensor: Int?
  }

  init(_ settings: RunConfiguration.Optimizer, _ plan: Plan) {
    self.settings = settings
    var runs: [Run] = []
    for (place, parameter) in plan.parameters.enumerated() {
      let decayed = parameter.role == .weight || settings.decayNormAndBias
      let decay = decayed ? Float(settings.weightDecay) : 0
      let tensor = settings.adaptsLayers && parameter.role == .weight ? place : nil
      if let last = runs.last, last.weightDecay == decay, last.tensor == nil, tensor == nil {
        runs[runs.count - 1].range = last.range.lowerBound..<parameter.range.upperBound
      } else {
        runs.append(Run(range: parameter.range, weightDecay: decay, tensor: tensor))
      }
    }
    self.runs = runs
  }

  /// Updates weights and moments in `range` of their arenas, by every rule but lamb; `gradient` is that of the first
  /// float of the range, `rates` each parameter's own.
  func update(
    _ range: Range<Int>, _ step: Step, gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
    moments: Moments, rates: UnsafePointer<Double>, on processor: Processor
  ) {
    switch settings.name {
    case .sgd, .lars: momentum(range, step, gradient, weights, moments, rates, processor)
    case .adamw, .lamb: adam(range, step, gradient, weights, moments, direction: nil, processor)
    }
  }

  /// The first half of lamb: updates the moments, and overwrites the gradient by the direction in which weights go.
  func writeDirection(
    _ range: Range<Int>, _ step: Step, gradient: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>,
    moments: Moments, on processor: Processor
  ) {
    adam(range, step, UnsafePointer(gradient), weights, moments, direction: gradient, processor)
  }

  /// The second half of lamb: moves the weights, each parameter at its own rate.
  func follow(
    _ range: Range<Int>, _ step: Step, direction: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
    rates: UnsafePointer<Double>, on processor: Processor
  ) {
    for run in runs {
      let part = run.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let rate = step.learningRate * (run.tensor.map { rates[$0] } ?? 1)
      processor.add(
        Float(-rate), times: direction + (part.lowerBound - range.lowerBound), to: weights + part.lowerBound,
        count: part.count)
    }
  }

  private func momentum(
    _ range: Range<Int>, _ step: Step, _ gradient: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>,
    _ moments: Moments, _ rates: UnsafePointer<Double>, _ processor: Processor
  ) {
    let isInside = settings.resolvedMomentumForm == .caffe
    var factor = settings.momentum
    if settings.momentumCorrection, step.formerLearningRate > 0 {
      factor *= step.learningRate / step.formerLearningRate
    }
    for run in runs {
      let part = run.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let own = run.tensor.map { rates[$0] } ?? 1
      var rule = MomentumStep(
        learningRate: isInside ? 1 : Float(step.learningRate), momentum: Float(factor), weightDecay: run.weightDecay,
        nesterov: settings.nesterov)
      rule.innerRate = Float(isInside ? step.learningRate * own : own)
      rule.taming = step.taming
      rule.run(
        on: processor, weights: weights + part.lowerBound, gradient: gradient + (part.lowerBound - range.lowerBound),
        velocity: moments.first + part.lowerBound, count: part.count)
    }
  }

  private func adam(
    _ range: Range<Int>, _ step: Step, _ gradient: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>,
    _ moments: Moments, direction: UnsafeMutablePointer<Float>?, _ processor: Processor
  ) {
    let (beta1, beta2) = (settings.resolvedBeta1, settings.resolvedBeta2)
    let first = 1 - Elementary.power(beta1, Double(step.number))
    let second = 1 - Elementary.power(beta2, Double(step.number))
    for run in runs {
      let part = run.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let offset = part.lowerBound - range.lowerBound
      var rule = AdamStep(
        beta1: beta1, beta2: beta2, epsilon: settings.resolvedEpsilon, weightDecay: run.weightDecay)
      rule.learningRate = Float(step.learningRate)
      rule.taming = step.taming
      rule.correct(by: first, second)
      rule.run(
        on: processor, weights: weights + part.lowerBound, gradient: gradient + offset,
        first: moments.first + part.lowerBound, second: moments.second + part.lowerBound,
        direction: direction.map { $0 + offset }, count: part.count)
    }
  }
}

extension RunConfiguration.Optimizer {
  /// Whether weight tensors have rates of their own, which follow from their norms.
  var adaptsLayers: Bool { name == .lars || name == .lamb }

  /// How many arenas of moments the rule carries from step to step.
  public var momentCount: Int {
    switch name {
    case .sgd, .lars: 1
    case .adamw, .lamb: 2
    }
  }

  /// Whether new weights depend on more of the gradient than their own: then none can be written before all of the
  /// gradient is summed.
  var needsWholeGradient: Bool { adaptsLayers || clipNorm != nil || filterRenormalization != nil }

  /// What the rule moves through memory once for every parameter.
  public var pass: OptimizerPass {
    switch name {
    case .sgd: .momentum
    // Norms of gradients and weights before it.
    case .lars: OptimizerPass(operation: "lars step", reads: 5, writes: 2)
    case .adamw: OptimizerPass(operation: "adamw step", reads: 4, writes: 3)
    // Direction, its norm and that of the weights, step.
    case .lamb: OptimizerPass(operation: "lamb step", reads: 8, writes: 4)
    }
  }
}

extension RunConfiguration {
  /// Arenas as large as the parameters' that a run carries beside the weights: moments, and an average.
  var stateArenas: Int { optimizer.momentCount + (average.name == nil ? 0 : 1) }
}
