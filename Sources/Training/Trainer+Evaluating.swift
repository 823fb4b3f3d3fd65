import Checkpoints
import Collectives
import Configuration
import Execution
import MessagePassing
import Metrics
import Shards
import Tensors

extension Trainer {
  /// Evaluates when it is time to, and at the end of the run.
  func evaluateIfDue(stopping: Bool) throws {
    let settings = configuration.evaluation
    let isDue = length.isDue(after: step, everyEpochs: settings.everyEpochs, everySteps: settings.everySteps)
    guard isDue && !stopping || step == length.steps else { return }
    try record?.flush()
    guard let record else {
      try evaluate()
      return
    }
    try record.excluding { try evaluate() }
    guard let evaluation else { return }
    try record.record(
      evaluation, step: step, epoch: length.epochs(after: step), weightsHash: weightsHash())
  }

  private func evaluate() throws {
    guard let validation else { return }
    evaluation = try evaluator(validation).run(on: world)
  }

  /// Made anew each time: between evaluations its memory belongs to training.
  private func evaluator(_ source: ShardSet) -> Evaluator {
    Evaluator(
      source, transform: pipeline.evaluation,
      executor: replica.evaluationExecutor(
        weights: exchange.weights, images: configuration.evaluation.batch ?? configuration.batch.microbatch),
      decodeThreads: decodeThreads)
  }

  /// The hash that checkpoints of the present weights have.
  func weightsHash() -> String { WeightsHash.of(modelTensors) }

  var modelTensors: [TensorSource] {
    ModelTensors(store: replica.store).model(
      weights: exchange.weights, statistics: replica.statistics.floats, batches: step)
  }
}
