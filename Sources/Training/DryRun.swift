public import Configuration
import Execution
import Networks
import Shards

/// What a run would do, found out without touching anything.
public struct DryRun: Sendable {
  public let text: String

  /// Checks configuration and data as the run itself would.
  public init(_ configuration: RunConfiguration) throws {
    let network = try Replica.network(configuration)
    let training = try ShardSet(folder: configuration.data.train)
    let validation = try configuration.data.validation.map { try ShardSet(folder: $0) }
    let pipeline = try InputPipeline(configuration, input: network.input.shape, set: training)
    if let validation {
      _ = try EvaluationProtocol(
        configuration, network, set: validation, normalization: pipeline.training.normalization)
    }
    let plan = Plan(network.fused(), images: configuration.batch.microbatch, mode: .training)
    let length = RunLength(configuration, samples: training.count)
    let schedule = LearningRateSchedule(configuration, length)
    let rates = (0...10).map { tenth -> String in
      let step = min(length.steps - 1, length.steps * tenth / 10)
      let rate = schedule.learningRate(at: step)
      return "\(step): \((rate * 1e6).rounded() / 1e6)"
    }
    let mebibytes = { (floats: Int) in "\(floats * 4 / (1 << 20)) MiB" }
    text = """
      model        \(network.name), \(network.parameterCount) parameters, \(network.multiplyAdds) MACs per image
      training     \(training.count) images of \(training.classes.count) classes in \
      \(training.index.shards.count) shards
      validation   \(validation.map { "\($0.count) images, \(configuration.evaluation.protocol.rawValue)" } ?? "none")
      batch        \(configuration.batch.global) in \(configuration.batch.microbatches) microbatches: at most \
      \(configuration.batch.microbatches) ranks
      steps        \(length.steps) (\(length.epochs(after: length.steps)) epochs)
      learning rate at step \(rates.joined(separator: ", "))
      memory       weights and gradients \(mebibytes(2 * plan.parameterFloats)), optimizer \
      \(mebibytes(configuration.stateArenas * plan.parameterFloats)), \
      activations \(mebibytes(plan.activationFloats)) per rank
      checkpoint   \(mebibytes((1 + configuration.stateArenas) * plan.parameterFloats)) each, \
      \(configuration.checkpoint.keepLast) kept
      """
  }
}
