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
    guard let validation else { return }
    let settings = configuration.evaluation
    let isDue = length.isDue(after: step, everyEpochs: settings.everyEpochs, everySteps: settings.everySteps)
    guard isDue && !stopping || step == length.steps else { return }
    guard let record else {
      evaluation = try evaluator(validation).run(on: world)
      return
    }
    try record.flush()
    let result = try record.excluding { try evaluator(validation).run(on: world) }
    evaluation = result
    try record.record(result, step: step, epoch: length.epochs(after: step), weightsHash: weightsHash())
  }

  /// Made anew each time: between evaluations its memory belongs to training.
  private func evaluator(_ source: ShardSet) -> Evaluator {
    Evaluator(
      source, transform: pipeline.evaluation,
      executor: replica.evaluationExecutor(
        weights: exchange.weights, images: configuration.evaluation.batch ?? configuration.batch.microbatch),
      loss: .evaluating(configuration.loss), decodeThreads: decodeThreads)
  }

  /// The hash that checkpoints of the present weights have.
  func weightsHash() -> String { WeightsHash.of(modelTensors) }

  var modelTensors: [TensorSource] {
    ModelTensors(store: replica.store).model(
      weights: exchange.weights, statistics: replica.statistics.floats, batches: step)
  }
}
