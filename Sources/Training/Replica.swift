public import Configuration
public import Execution
public import Kernels
public import Networks
public import Tensors
import Workers

/// A network as one rank trains it: its plans, its processor, and the memory that ranks do not share.
///
/// Weights and gradients belong to the `GradientExchange`; running statistics are kept by every rank alike.
public final class Replica {
  /// Fused, as it is executed.
  public let network: Network
  public let plan: Plan
  public let store: ParameterStore
  public let processor: Processor
  /// The running statistics, laid out as the plan says.
  public let statistics: Arena

  public init(_ network: Network, microbatch: Int, on processor: Processor) {
    self.network = network.fused()
    self.processor = processor
    plan = Plan(self.network, images: microbatch, mode: .training)
    store = ParameterStore(plan, self.network)
    statistics = Arena(count: plan.statisticFloats)
  }

  /// An executor of training passes with these weights; `mixes` says whether images are mixed.
  public func trainingPass(weights: UnsafePointer<Float>, loss: LossFunction, mixes: Bool = false) -> LeafPass {
    LeafPass(
      Executor(plan, network, on: processor, parameters: weights, statistics: statistics.floats), loss: loss,
      mixingImagesOf: mixes ? network.input.floats : 0)
  }

  /// An executor of evaluation passes with these weights.
  public func evaluationExecutor(weights: UnsafePointer<Float>, images: Int) -> Executor {
    // Evaluation needs fewer parameters, but has to find them where training put them.
    let evaluated = network.forEvaluation()
    return Executor(
      Plan(evaluated, images: images, mode: .evaluation, parametersOf: plan), evaluated, on: processor,
      parameters: weights, statistics: statistics.floats)
  }

  /// An executor of evaluation passes of `network`, which has parameters of the replica's network: as it slides over
  /// images of another size. Throws when the machine has too little memory for it; `place` names the image.
  func evaluationExecutor(
    of network: Network, weights: UnsafePointer<Float>, images: Int, place: String
  ) throws(TrainingError) -> Executor {
    let sliding = Plan(network, images: images, mode: .evaluation, parametersOf: plan)
    try MemoryCheck.requireRoom(forSliding: sliding, place: place)
    return Executor(sliding, network, on: processor, parameters: weights, statistics: statistics.floats)
  }

  /// Moves the running statistics towards the mean of `leaves` leaves' own; `sums` are their sums.
  public func updateStatistics(sums: UnsafePointer<Float>, leaves: Int) {
    let share = 1 / Float(leaves)
    for statistic in plan.statistics {
      for i in statistic.range {
        let old = statistics.floats[i]
        statistics.floats[i] = old + statistic.momentum * (sums[i] * share - old)
      }
    }
  }

  /// The model that `configuration` names, or why there is none.
  public static func network(_ configuration: RunConfiguration) throws(TrainingError) -> Network {
    let model = configuration.model
    guard let entry = ModelCatalog.entry(named: model.name) else {
      let nearest = Suggestion.name(for: model.name, among: ModelCatalog.entries.map(\.name))
      throw TrainingError(
        .configuration,
        "model.name: there is no model \"\(model.name)\"; "
          + (nearest.map { "did you mean \"\($0)\"? " } ?? "") + "`convoy models` lists them.")
    }
    var options = ModelOptions(classes: model.classes)
    options.inputSize = model.inputSize
    options.inputChannels = model.inputChannels
    options.widths = model.widths
    options.zeroGamma = configuration.initialization.zeroGamma
    options.batchNormMomentum = configuration.batchNorm.momentum.map(Float.init)
    options.batchNormEpsilon = configuration.batchNorm.epsilon.map(Float.init)
    do {
      return try entry.build(options).validated().validated(images: configuration.batch.microbatch)
        .initializing(
          weights: Initializer(configuration.initialization),
          biases: configuration.initialization.biases.map { .constant(Float($0)) }
        )
        .computing(with: ConvolutionAlgorithm(configuration.convolution))
    } catch {
      throw TrainingError(.configuration, error.description)
    }
  }
}

extension Initializer {
  /// Nil for the model's own.
  init?(_ configuration: RunConfiguration.Initialization) {
    switch configuration.weights {
    case .model: return nil
    case .he: self = .he
    case .glorot: self = .glorot
    case .xavier: self = .caffeXavier
    case .lecun: self = .leCun
    case .pytorch: self = .pyTorchDefault
    case .normal: self = .normal(deviation: Float(configuration.deviation))
    case .zero: self = .zero
    }
  }
}

extension ConvolutionAlgorithm {
  init(_ configuration: RunConfiguration.ConvolutionAlgorithm) {
    self =
      switch configuration {
      case .auto: .auto
      case .direct: .direct
      case .winograd: .winograd
      }
  }
}
