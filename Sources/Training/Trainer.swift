import Checkpoints
import Collectives
public import Configuration
import Execution
public import Kernels
public import MessagePassing
import Metrics
import Networks
import Shards
import Tensors
import Workers

/// Trains a network as one rank of a run.
///
/// The weights after step s are a function of (configuration, data, seed): not of ranks, threads, instruction set, or
/// where the run was stopped and resumed. All ranks make the same calls; any that throws ends the run for all.
public final class Trainer {
  let configuration: RunConfiguration
  let options: TrainingOptions
  let world: Communicator
  let length: RunLength
  var schedule: LearningRateSchedule
  let training: ShardSet
  let validation: ShardSet?
  let pipeline: InputPipeline
  /// How the validation set is measured; nil without one.
  let evaluationProtocol: EvaluationProtocol?
  let replica: Replica
  let exchange: GradientExchange
  let update: WeightUpdate
  let pass: LeafPass
  let mixup: Mixup?
  /// Rank 0 only.
  let record: RunRecord?
  /// Steps done.
  var step = 0
  /// The evaluation at `step`, if there was one.
  var evaluation: EvaluationResult?
  var newestCheckpoint: String?
  let start = ContinuousClock.now
  /// Of the running step.
  private var learningRate = 0.0
  /// Of the step before it; nil in the first one.
  var formerLearningRate: Double?
  /// Whether a run that was stopped where an evaluation was due goes by its result.
  var owesEvaluation = false
  /// What happens to ranges of the arena and to the whole; made once, so that a step allocates nothing.
  private var updateRule: GradientExchange.Update = { _, _ in }
  private var wholeRule: GradientExchange.WholeUpdate = {}

  /// Checks everything that can be checked ahead, and allocates all that a step needs. Collective.
  public init(
    _ configuration: RunConfiguration, options: TrainingOptions, kernels: KernelSet,
    on world: borrowing Communicator
  ) throws {
    self.configuration = configuration
    self.options = options
    self.world = try world.duplicate()
    let network = try Replica.network(configuration)
    let batch = configuration.batch
    let tree = try ReductionTree(leaves: batch.microbatches, ranks: world.size)
    training = try Self.open(configuration.data.train, classes: configuration.model.classes)
    validation = try configuration.data.validation.map { try Self.open($0, classes: configuration.model.classes) }
    pipeline = try InputPipeline(configuration, input: network.input.shape, set: training)
    evaluationProtocol = try Self.evaluationProtocol(configuration, network, validation, pipeline)
    length = RunLength(configuration, samples: training.count)
    schedule = LearningRateSchedule(configuration, length)
    record =
      try world.rank == 0
      ? RunRecord(options.runDirectory, console: .standard(environment: RunEnvironment.variables)) : nil
    let threads = configuration.threads.count ?? Affinity.processors.count
    replica = Replica(
      network, microbatch: batch.microbatch, on: Processor(kernels: kernels, team: Team(size: threads)))
    try MemoryCheck.requireRoom(
      for: replica.plan, gradientBuffers: LocalProgram(of: world.rank, in: tree).bufferCount,
      stateArenas: configuration.stateArenas)
    exchange = try GradientExchange(
      world: world, tree: tree, parameterCount: replica.plan.parameterFloats,
      replicatedCount: replica.plan.measureFloats, buckets: replica.plan.buckets(),
      grain: WeightUpdate.isWhole(configuration) ? WeightUpdate.grain : 16,
      holdsPieces: WeightUpdate.isWhole(configuration))
    update = WeightUpdate(
      configuration, replica.plan, weights: exchange.weights, owned: exchange.ownedRanges, on: replica.processor)
    mixup = Mixup(alpha: configuration.augmentation.mixup, seed: UInt64(configuration.seed))
    pass = replica.trainingPass(
      weights: exchange.weights, loss: LossFunction(configuration.loss), mixes: mixup != nil)
    updateRule = { [unowned self] range, sums in update.take(range, sums) }
    wholeRule = { [unowned self] () throws(MessagePassingError) in
      try update.whole { (values) throws(MessagePassingError) in try exchange.sumOverRanks(values) }
    }
  }

  private static func evaluationProtocol(
    _ configuration: RunConfiguration, _ network: Network, _ validation: ShardSet?, _ pipeline: InputPipeline
  ) throws -> EvaluationProtocol? {
    try validation.map {
      try EvaluationProtocol(configuration, network, set: $0, normalization: pipeline.training.normalization)
    }
  }

  /// The shards in `folder`, which have samples and no more than `classes` classes.
  static func open(_ folder: String, classes: Int) throws -> ShardSet {
    let set = try ShardSet(folder: folder)
    guard set.classes.count <= classes else {
      throw TrainingError(
        .configuration,
        "model.classes is \(classes), but \(folder) has \(set.classes.count) classes; set model.classes to that.")
    }
    guard set.count > 0 else { throw TrainingError(.badData, "\(folder) holds no samples.") }
    return set
  }

  /// Trains to the end, or until a stop is asked for. Collective.
  ///
  /// What a rank throws is also in status.json, for scripts that cannot trust a launcher's exit code.
  public func run() throws -> TrainingOutcome {
    do {
      return try train()
    } catch {
      var status = RunStatus(.failed, step: step)
      status.code = Int(FailureKind(of: error).rawValue)
      status.reason = "\(error)"
      status.rank = world.rank
      status.host = RunEnvironment.host
      status.epoch = length.epochs(after: step)
      status.checkpoint = newestCheckpoint
      // The error itself matters more than one about its record.
      let directory = RunDirectory(path: options.runDirectory)
      status.evaluation = (try? directory.readStatus())?.evaluation
      try? directory.writeStatus(status)
      throw error
    }
  }

  private func train() throws -> TrainingOutcome {
    try restore()
    try record?.resume(at: step, from: newestCheckpoint)
    if step >= length.steps { return try finish(reason: "all steps were done before") }
    if let record {
      try record.begin(
        at: step, configuration, environment: RunEnvironment(facts), length: length, ranks: world.size)
    }
    let loader = try BatchLoader(
      source: training, order: SampleOrder(count: training.count, seed: UInt64(configuration.seed)),
      plan: BatchPlan(
        globalBatch: configuration.batch.global, microbatch: configuration.batch.microbatch,
        leaves: exchange.tree.runs[world.rank], firstStep: step, lastStep: length.steps),
      transform: pipeline.training, seed: UInt64(configuration.seed), threads: decodeThreads, buffers: 4)
    if owesEvaluation { try evaluateIfDue(stopping: false) }
    while step < length.steps {
      let stopping = try trainStep(loader)
      try evaluateIfDue(stopping: stopping)
      try saveIfDue(stopping: stopping)
      if stopping, step < length.steps { return try finish(reason: stopReason) }
    }
    return try finish(reason: nil)
  }

  /// One step; returns whether a rank wants to stop behind it.
  private func trainStep(_ loader: BatchLoader) throws -> Bool {
    let waitedForData = loader.waited
    let waitedForRanks = exchange.time.waiting
    learningRate = schedule.learningRate(at: step)
    update.begin(
      step: step + 1, learningRate: learningRate, formerLearningRate: formerLearningRate ?? learningRate)
    formerLearningRate = learningRate
    try exchange.beginStep()
    let leaves = exchange.program.steps
    for (index, leaf) in leaves.enumerated() {
      let batch = try loader.next()
      let buffer = exchange.gradients(leaf.buffer)
      if index < leaves.count - 1 {
        try compute(batch, into: buffer) { _ in }
        exchange.leafFinished(index)
      } else {
        try computeLast(batch, into: buffer)
      }
    }
    try exchange.finish(updateRule, whole: wholeRule)
    let measures = LeafMeasures(exchange.sums + replica.plan.statisticFloats)
    replica.updateStatistics(sums: exchange.sums, leaves: exchange.tree.leafCount)
    step += 1
    update.average?.takeStatistics(replica.statistics.floats, behind: step)
    evaluation = nil
    try record?.record(
      StepSample(
        step: step, epoch: length.epochs(after: step), images: Int(measures.images),
        loss: Double(measures.loss) / Double(measures.images), top1Hits: Int(measures.top1),
        top5Hits: Int(measures.top5), learningRate: learningRate,
        dataWait: loader.waited - waitedForData, communication: exchange.time.waiting - waitedForRanks))
    return measures.stop > 0
  }

  /// The last leaf: its gradients are exchanged while backward still runs.
  private func computeLast(_ batch: borrowing Batch, into buffer: UnsafeMutablePointer<Float>) throws {
    let buckets = exchange.buckets
    var next = 0
    try compute(batch, into: buffer) { unfinished in
      while next < buckets.count, buckets[next].lowerBound >= unfinished {
        exchange.complete(bucket: next)
        next += 1
      }
      try exchange.progress(updateRule)
    }
    exchange.completeReplicated()
  }

  private func compute(
    _ batch: borrowing Batch, into buffer: UnsafeMutablePointer<Float>, completed: (Int) throws -> Void
  ) throws {
    guard let images = batch.images.baseAddress, let labels = batch.labels.baseAddress else { return }
    let isFinite = try pass.run(
      images: images, labels: labels, globalBatch: configuration.batch.global,
      random: RandomPosition(
        seed: UInt64(configuration.seed),
        firstPosition: step * configuration.batch.global + batch.leaf * configuration.batch.microbatch),
      mixing: mixup?.mixing(of: step), stop: wantsToStop, into: buffer,
      completed: completed)
    guard isFinite else { throw notFinite(batch, images) }
  }

  private func notFinite(_ batch: borrowing Batch, _ images: UnsafePointer<Float>) -> TrainingError {
    let layer = pass.executor.firstStepWithoutFiniteOutput(images: images)?.name ?? "the loss"
    return TrainingError(
      .notFinite,
      "The loss of step \(step) became NaN or infinite on rank \(world.rank), microbatch \(batch.leaf), first in layer "
        + "\(layer); lower optimizer.learningRate or lengthen the warm-up. Checkpoints are untouched.")
  }

  /// Whether this rank asks all to stop.
  private var wantsToStop: Bool {
    if StopRequest.isPending { return true }
    guard let limit = options.maximumTime, world.rank == 0 else { return false }
    return ContinuousClock.now - start >= limit
  }

  private var stopReason: String {
    StopRequest.isPending
      ? "stopped by \(StopRequest.signalName); start the same command again to go on"
      : "stopped on request; start the same command again to go on"
  }

  private var facts: RunEnvironment.Facts {
    RunEnvironment.Facts(
      version: options.program, instructionSet: replica.processor.kernels.name, threads: replica.processor.team.size,
      ranks: world.size)
  }

  var decodeThreads: Int { configuration.data.decodeThreads.count ?? max(1, replica.processor.team.size / 4) }
}

extension RunConfiguration.ThreadCount {
  /// The number, or nil for auto.
  var count: Int? {
    switch self {
    case .auto: nil
    case .count(let count): count
    }
  }
}
