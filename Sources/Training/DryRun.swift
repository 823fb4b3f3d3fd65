import Checkpoints
import Collectives
public import Configuration
import Execution
public import MessagePassing
import Metrics
import Networks
import Shards

/// What a run would do, found out without touching anything.
public struct DryRun: Sendable {
  public let text: String

  /// Checks configuration, data, memory and what the run begins with as one rank of the run itself would. Collective.
  public init(
    _ configuration: RunConfiguration, options: TrainingOptions, on world: borrowing Communicator
  ) throws {
    let network = try Replica.network(configuration)
    let tree = try ReductionTree(leaves: configuration.batch.microbatches, ranks: world.size)
    let classes = configuration.model.classes
    let training = try Trainer.open(configuration.data.train, classes: classes)
    let validation = try configuration.data.validation.map { try Trainer.open($0, classes: classes) }
    let pipeline = try InputPipeline(configuration, input: network.input.shape, set: training)
    if let validation {
      _ = try EvaluationProtocol(
        configuration, network, set: validation, normalization: pipeline.training.normalization)
    }
    let fused = network.fused()
    let plan = Plan(fused, images: configuration.batch.microbatch, mode: .training)
    let buffers = LocalProgram(of: world.rank, in: tree).bufferCount
    try MemoryCheck.requireRoom(for: plan, gradientBuffers: buffers, stateArenas: configuration.stateArenas)
    let start = try Self.start(options, ParameterStore(plan, fused))
    try world.barrier()
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
      start        \(start)
      batch        \(configuration.batch.global) in \(configuration.batch.microbatches) microbatches: at most \
      \(configuration.batch.microbatches) ranks
      steps        \(length.steps) (\(length.epochs(after: length.steps)) epochs)
      learning rate at step \(rates.joined(separator: ", "))
      memory       weights and gradients \(mebibytes((1 + buffers) * plan.parameterFloats)), optimizer \
      \(mebibytes(configuration.stateArenas * plan.parameterFloats)), \
      activations \(mebibytes(plan.activationFloats)) per rank
      checkpoint   \(mebibytes((1 + configuration.stateArenas) * plan.parameterFloats)) each, \
      \(configuration.checkpoint.keepLast) kept
      """
  }

  /// What the run would begin with.
  private static func start(_ options: TrainingOptions, _ store: ParameterStore) throws -> String {
    let checkpoints = CheckpointStore(reading: RunDirectory(path: options.runDirectory).checkpointsPath)
    if let path = try options.checkpointPath(in: checkpoints, report: { _ in }) { return path }
    guard let initial = options.initialWeights else { return "random weights" }
    let match = try ModelTensors(store: store).readInitial(initial, weights: nil, statistics: nil)
    return "\(initial.path): \(match.fullDescription)"
  }
}
