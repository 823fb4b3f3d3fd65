public import Configuration
public import Execution
public import Kernels

/// All that happens to the weights of one rank in a step: clipping, the optimizer's rule, the renormalisation of
/// filters, and averaging.
///
/// A rank updates the ranges that it owns. Where the rule needs norms (`isWhole`), its ranges are measured as their
/// gradients arrive, and updated when all of the gradient is there; else each is updated at once.
public final class WeightUpdate {
  /// What ranges that ranks own must end on, unless parameters end there.
  public static var grain: Int { TensorNorms.grain }

  public let moments: Moments
  public let average: WeightAverage?
  private let settings: RunConfiguration.Optimizer
  private let optimizer: Optimizer
  private let processor: Processor
  private let weights: UnsafeMutablePointer<Float>
  private let owned: [Range<Int>]
  private let parameterCount: Int
  private let norms: TensorNorms?
  private let renormalization: FilterRenormalization?
  /// Each parameter's own learning rate, as a share of the step's.
  private let rates: UnsafeMutableBufferPointer<Double>
  private var step = Optimizer.Step(number: 1, learningRate: 0, formerLearningRate: 0)
  /// The summed gradients of this step, in the coordinates of the arena.
  private var gradients: UnsafeMutablePointer<Float>?

  /// Whether new weights can only be written when all of the gradient is summed.
  public static func isWhole(_ configuration: RunConfiguration) -> Bool { configuration.optimizer.needsWholeGradient }

  /// - Parameters:
  ///   - weights: All of them; a rank writes only to those it owns.
  ///   - owned: The ranges of this rank.
  public init(
    _ configuration: RunConfiguration, _ plan: Plan, weights: UnsafeMutablePointer<Float>, owned: [Range<Int>],
    on processor: Processor
  ) {
    settings = configuration.optimizer
    optimizer = Optimizer(settings, plan)
    moments = Moments(settings, count: plan.parameterFloats)
    average = WeightAverage(configuration.average, plan)
    norms = settings.adaptsLayers || settings.clipNorm != nil ? TensorNorms(plan, quantities: 2) : nil
    renormalization = settings.filterRenormalization.map { FilterRenormalization(radius: $0, plan) }
    parameterCount = plan.parameters.count
    rates = .allocate(capacity: parameterCount)
    rates.initialize(repeating: 1)
    self.weights = weights
    self.owned = owned
    self.processor = processor
  }

  deinit { rates.deallocate() }

  /// Begins step `number`, counted from 1. The learning rate of the step before is that of this one in a run's first.
  public func begin(step number: Int, learningRate: Double, formerLearningRate: Double) {
    step = Optimizer.Step(number: number, learningRate: learningRate, formerLearningRate: formerLearningRate)
    step.taming.limit = settings.clipValue.map { Float($0) } ?? .infinity
    norms?.reset()
    gradients = nil
  }

  /// Takes the gradients of one of the owned ranges, summed over all ranks; `sums` is that of its first float.
  ///
  /// Writes the new weights, or only measures if new weights have to wait for `whole`.
  public func take(_ range: Range<Int>, _ sums: UnsafeMutablePointer<Float>) {
    gradients = sums - range.lowerBound
    guard settings.needsWholeGradient else {
      update(range, sums)
      average?.take(range, of: weights, behind: step.number, on: processor)
      return
    }
    guard let norms, measuresGradients else { return }
    norms.measure(0, range, of: sums - range.lowerBound, limit: step.taming.limit, on: processor)
    if settings.name == .lars { norms.measure(1, range, of: weights, on: processor) }
  }

  /// Writes the new weights of all owned ranges. Collective: `sum` adds values over all ranks.
  public func whole<Failure: Error>(
    sum: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Void
  ) throws(Failure) {
    if measuresGradients {
      try norms?.add(sum)
      clip()
    }
    switch settings.name {
    case .sgd, .adamw: break
    case .lars: setTrustRatios()
    case .lamb:
      norms?.reset()
      if let gradients, let norms {
        for range in owned {
          optimizer.writeDirection(
            range, step, gradient: gradients + range.lowerBound, weights: weights, moments: moments, on: processor)
          norms.measure(0, range, of: gradients, on: processor)
          norms.measure(1, range, of: weights, on: processor)
        }
      }
      try norms?.add(sum)
      setMomentRatios()
    }
    if let gradients {
      for range in owned { update(range, gradients + range.lowerBound) }
    }
    try renormalization?.run(weights, owned: owned, on: processor, sum: sum)
    for range in owned { average?.take(range, of: weights, behind: step.number, on: processor) }
  }

  private var measuresGradients: Bool { settings.name == .lars || settings.clipNorm != nil }

  private func update(_ range: Range<Int>, _ gradient: UnsafeMutablePointer<Float>) {
    guard let rates = rates.baseAddress, !range.isEmpty else { return }
    if settings.name == .lamb {
      optimizer.follow(range, step, direction: gradient, weights: weights, rates: rates, on: processor)
    } else {
      optimizer.update(
        range, step, gradient: gradient, weights: weights, moments: moments, rates: rates, on: processor)
    }
  }

  /// Pascanu et al. 2013, algorithm 1.
  private func clip() {
    guard let limit = settings.clipNorm, let norms else { return }
    let norm = norms.norm(0)
    if norm > limit { step.taming.scale = Float(limit / norm) }
  }

  /// You et al. 2017, equation 6.
  private func setTrustRatios() {
    guard let norms else { return }
    for parameter in rates.indices {
      let gradient = norms.norm(0, of: parameter) * Double(step.taming.scale)
      let weight = norms.norm(1, of: parameter)
      let ratio = settings.resolvedTrustCoefficient * weight / (gradient + settings.weightDecay * weight)
      rates[parameter] = weight > 0 && gradient > 0 ? ratio : 1
    }
  }

  /// You et al. 2020, algorithm 2, with φ the identity.
  private func setMomentRatios() {
    guard let norms else { return }
    for parameter in rates.indices {
      let direction = norms.norm(0, of: parameter)
      let weight = norms.norm(1, of: parameter)
      rates[parameter] = weight > 0 && direction > 0 ? weight / direction : 1
    }
  }
}
