import Checkpoints
import Collectives
import Configuration
import Execution
import Kernels
import MessagePassing
import Metrics
import Shards
import Tensors

extension Trainer {
  /// Evaluates when it is time to, and at the end of the run; never without a validation set.
  func evaluateIfDue(stopping: Bool) throws {
    guard let validation, let evaluationProtocol else { return }
    let settings = configuration.evaluation
    let isDue = length.isDue(after: step, everyEpochs: settings.everyEpochs, everySteps: settings.everySteps)
    guard isDue && !stopping || step == length.steps else { return }
    if let record {
      try record.flush()
      try record.excluding {
        try withAverages {
          let result = try evaluator(validation, evaluationProtocol).run(on: world)
          evaluation = result
          try record.record(
            result, step: step, epoch: length.epochs(after: step), weightsHash: WeightsHash.of(modelTensors))
        }
      }
    } else {
      try withAverages { evaluation = try evaluator(validation, evaluationProtocol).run(on: world) }
    }
    // The one at the end of a run, which may be made longer, is not counted unless it was due.
    if isDue, let evaluation { schedule.plateau.observe(evaluation) }
  }

  /// Does something with averaged weights in the place of those that are trained, if there are any. Collective.
  private func withAverages(_ body: () throws -> Void) throws {
    guard let average = update.average else { return try body() }
    try exchange.swapOwned(average.weights.floats)
    average.swapStatistics(with: replica.statistics.floats)
    try body()
    average.swapStatistics(with: replica.statistics.floats)
    try exchange.swapOwned(average.weights.floats)
  }

  /// Made anew each time: between evaluations its memory belongs to training.
  private func evaluator(_ source: ShardSet, _ protocol: EvaluationProtocol) -> Evaluator {
    Evaluator(
      source, by: `protocol`, replica: replica, weights: exchange.weights,
      batch: configuration.evaluation.batch ?? configuration.batch.microbatch,
      loss: .evaluating(configuration.loss), decodeThreads: decodeThreads)
  }

  /// The model as it is evaluated now.
  private var modelTensors: [TensorSource] {
    ModelTensors(store: replica.store).model(
      weights: exchange.weights, statistics: replica.statistics.floats, batches: step)
  }

  /// The model as it is saved: averaged, if there are averages, which rank 0 has gathered.
  var savedTensors: [TensorSource] {
    ModelTensors(store: replica.store).model(
      weights: update.average?.weights.floats ?? exchange.weights,
      statistics: update.average?.statistics.floats ?? replica.statistics.floats, batches: step)
  }
}
