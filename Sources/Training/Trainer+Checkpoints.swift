import Checkpoints
import Collectives
import Configuration
import Execution
import MessagePassing
import Metrics
import Networks
import Shards
import Tensors

extension Trainer {
  /// Saves when it is time to, when the run is asked to stop, and at its end.
  func saveIfDue(stopping: Bool) throws {
    let settings = configuration.checkpoint
    let isDue = length.isDue(after: step, everyEpochs: settings.everyEpochs, everySteps: settings.everySteps)
    guard isDue || stopping || step == length.steps else { return }
    for number in update.moments.prefixes.indices { try exchange.gatherOwned(update.moments[number]) }
    if let average = update.average { try exchange.gatherOwned(average.weights.floats) }
    if let record {
      try record.flush()
      try record.excluding { try save(record) }
    }
    try world.barrier()
  }

  private func save(_ record: RunRecord) throws {
    try requireFiniteWeights()
    let tensors = ModelTensors(store: replica.store)
    let state = CheckpointState(
      step: step, epoch: length.epochs(after: step), samplesSeen: step * configuration.batch.global,
      seed: UInt64(configuration.seed), model: configuration.model.name, dataIdentity: training.index.identity,
      configuration: configuration.resolvedYAML(), metrics: evaluation?.metrics ?? [:],
      inputs: pipeline.description(of: training), schedule: scheduleState,
      worldSize: world.size, createdBy: options.program)
    do {
      let saved = try record.checkpoints.save(
        model: savedTensors, optimizer: tensors.optimizer(carried(weights: exchange.weights)), state: state)
      newestCheckpoint = saved.entry.path
      try record.record(saved, epoch: state.epoch)
      let settings = configuration.checkpoint
      try record.checkpoints.prune(keepLast: settings.keepLast, keepBest: settings.keepBest.map { BestRule($0) })
    } catch let error as CheckpointError where error.kind == .diskFull && step < length.steps && !StopRequest.isPending
    {
      // A full disk may have room again before the next save; training itself needs none.
      record.console.line("warning: \(error.description) Training goes on.")
    }
  }

  /// What a run carries from step to step beside its model: moments, and where the model is averaged, the weights and
  /// statistics that are trained.
  private func carried(weights: UnsafeMutablePointer<Float>?) -> [ModelTensors.State] {
    let (parameters, statistics) = (replica.store.parameters, replica.store.statistics)
    let moments = update.moments.prefixes.enumerated().map { number, prefix in
      ModelTensors.State(prefix: prefix, tensors: parameters, floats: update.moments[number])
    }
    guard update.average != nil else { return moments }
    return moments + [
      ModelTensors.State(prefix: "trained:", tensors: parameters, floats: weights),
      ModelTensors.State(prefix: "trained:", tensors: statistics, floats: replica.statistics.floats),
    ]
  }

  private var scheduleState: CheckpointState.Schedule? {
    formerLearningRate.map {
      let plateau = schedule.plateau
      return CheckpointState.Schedule(
        learningRate: $0, best: plateau.best, evaluations: plateau.evaluations, drops: plateau.drops)
    }
  }

  /// Nobody can go on from weights that are no numbers, so they never become a checkpoint.
  private func requireFiniteWeights() throws(TrainingError) {
    for parameter in replica.plan.parameters where !parameter.range.allSatisfy({ exchange.weights[$0].isFinite }) {
      throw TrainingError(
        .notFinite,
        "The weights \(parameter.name) became NaN or infinite by step \(step), which was not saved; lower "
          + "optimizer.learningRate or lengthen the warm-up. Older checkpoints are untouched.")
    }
  }

  /// Sets weights, statistics and velocities to those of the checkpoint to resume from, or to the first ones.
  func restore() throws {
    let path = try chosenCheckpoint()
    if let path {
      try read(Checkpoint(path))
      newestCheckpoint = path
    } else {
      try initialize()
    }
    try exchange.shareWeights()
    if path == nil { update.average?.begin(exchange.weights, replica.statistics.floats) }
  }

  /// Rank 0 decides; all ranks hear it. Nil to start anew.
  private func chosenCheckpoint() throws -> String? {
    var path = ""
    if let record {
      path =
        try options.checkpointPath(in: record.checkpoints) { error in
          record.console.line("warning: \(error.description) An older checkpoint is used.")
        } ?? ""
    }
    let bytes = try world.broadcast(Array(path.utf8))
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private func initialize() throws {
    // Statistics are every rank's own; weights are the node's, written by rank 0 and shared by `restore`.
    let weights = world.rank == 0 ? exchange.weights : nil
    replica.store.initialize(
      parameters: weights, statistics: replica.statistics.floats, seed: UInt64(configuration.seed),
      on: replica.processor)
    guard let initial = options.initialWeights else { return }
    let match = try ModelTensors(store: replica.store).readInitial(
      initial, weights: weights, statistics: replica.statistics.floats)
    record?.console.line("weights from \(initial.path): \(match.fullDescription)")
  }

  private func read(_ checkpoint: borrowing Checkpoint) throws {
    try checkpoint.requireSameRun(
      model: configuration.model.name, dataIdentity: training.index.identity, seed: UInt64(configuration.seed))
    let before = try RunConfiguration(yaml: checkpoint.state.configuration, name: "\(checkpoint.path)/state.json")
    try requireSameBits(before, checkpoint.path)
    let tensors = ModelTensors(store: replica.store)
    let weights = world.rank == 0 ? exchange.weights : nil
    if let average = update.average {
      try tensors.readModel(
        checkpoint.model, weights: average.weights.floats, statistics: average.statistics.floats)
    } else {
      try tensors.readModel(checkpoint.model, weights: weights, statistics: replica.statistics.floats)
    }
    try tensors.readOptimizer(checkpoint.optimizer, carried(weights: weights))
    step = checkpoint.state.step
    restoreSchedule(checkpoint.state, before)
    record?.console.line("resumed from \(checkpoint.path) at step \(step)")
  }

  /// Keys, or what they begin with, that decide the bits of a step, or what the optimizer's state means.
  private static let decisiveKeys = [
    "model.", "batch.", "convolution", "data.mean", "data.std", "optimizer.name", "optimizer.momentumForm",
    "average.name", "loss.name",
  ]

  /// Another measure than `before` begins without a best one, since the two cannot be compared; drops stay.
  private func restoreSchedule(_ state: CheckpointState, _ before: RunConfiguration) {
    if let saved = state.schedule {
      formerLearningRate = saved.learningRate
      schedule.plateau.drops = saved.drops
      if before.schedule.plateauMeasure == configuration.schedule.plateauMeasure {
        schedule.plateau.best = saved.best
        schedule.plateau.evaluations = saved.evaluations
      }
    }
    let settings = configuration.evaluation
    owesEvaluation =
      configuration.schedule.name == .plateau && state.metrics.isEmpty
      && length.isDue(after: step, everyEpochs: settings.everyEpochs, everySteps: settings.everySteps)
  }

  /// What decides the bits of a step must be the same; other changes are only told.
  private func requireSameBits(_ before: RunConfiguration, _ path: String) throws {
    let changes = before.differences(from: configuration)
    let decisive = changes.filter { change in
      Self.decisiveKeys.contains { change.path.hasPrefix($0) }
    }
    guard decisive.isEmpty else {
      let list = decisive.map { "\($0.path) was \($0.value), is \($0.otherValue)" }.joined(separator: "; ")
      throw TrainingError(
        .resumeMismatch,
        "Could not resume from \(path): \(list); set it back, use another --run-dir, or --resume none to start anew.")
    }
    for change in changes where !change.path.hasPrefix("threads") && !change.path.hasPrefix("logging.") {
      record?.console.line("note: \(change.path) was \(change.value) in the checkpoint, is now \(change.otherValue)")
    }
  }

  /// The end of this process's work.
  func finish(reason: String?) throws -> TrainingOutcome {
    let outcome = TrainingOutcome(
      isFinished: step >= length.steps, step: step, weightsHash: world.rank == 0 ? WeightsHash.of(savedTensors) : "",
      checkpoint: newestCheckpoint, lastEvaluation: evaluation)
    try record?.end(outcome, epoch: length.epochs(after: step), reason: reason)
    return outcome
  }
}
