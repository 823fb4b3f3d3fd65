import Execution
import Kernels
import Networks
import Tensors
import Training
import Workers

/// A network with weights, on one batch: everything goes through what `convoy train` uses.
final class ProbeRun {
  private let replica: Replica
  private let weights: Arena
  private let images: Arena
  private let labels: [Int32]
  private let count: Int

  init(_ network: Network, _ input: borrowing ProbeInput, on processor: Processor) throws {
    replica = Replica(network, microbatch: input.count, on: processor)
    weights = Arena(count: replica.plan.parameterFloats)
    images = try input.images()
    labels = try input.labels()
    count = input.count
    try input.require(replica.store.parameters + replica.store.statistics)
    try input.read(replica.store.parameters, into: weights.floats)
    try input.read(replica.store.statistics, into: replica.statistics.floats)
  }

  /// Writes `logits.0` and `losses.0`.
  func evaluate(into results: inout ProbeResults) {
    let executor = replica.evaluationExecutor(weights: weights.floats, images: count)
    executor.forward(images: images.floats)
    addHeads(of: executor, to: &results)
  }

  /// Writes of the first pass `logits.H`, `losses.H` of every head H and `gradient:NAME`; of pass S, of which there is
  /// one before each step and one behind the last, `loss.S`, the main head's mean, and `dropout.S.D`, by what dropout
  /// layer D multiplied; behind pass S, but for the last, `statistics.S:NAME`.
  ///
  /// Of the first `branches` passes also, numbered in the order of execution, what rectifier I gave as `relu.S.I` and
  /// what max pooling I read as `pool.S.I`.
  func train(steps: Int, by sgd: MomentumStep, seed: UInt64, branches: Int, into results: inout ProbeResults) {
    let plan = replica.plan
    let pass = replica.trainingPass(weights: weights.floats, loss: .crossEntropy(smoothing: 0))
    let buffer = Arena(count: plan.parameterFloats + plan.measureFloats)
    let velocity = Arena(count: plan.parameterFloats)
    let batchStatistics = buffer.floats + plan.parameterFloats
    // Backward takes the memory of the logits, so they are computed once more.
    pass.executor.forward(
      images: images.floats, batchStatistics: batchStatistics, random: RandomPosition(seed: seed, firstPosition: 0))
    addHeads(of: pass.executor, to: &results)
    for step in 0...steps {
      let random = RandomPosition(seed: seed, firstPosition: step * count)
      addMasks(step, random, to: &results)
      let branchValues = BranchValues(of: replica.network, pass: step, images: count)
      pass.executor.observer = step < branches ? { branchValues.observe(step: $0, output: $1, gap: $2) } : nil
      labels.withUnsafeBufferPointer { labels in
        guard let labels = labels.baseAddress else { return }
        pass.run(
          images: images.floats, labels: labels, globalBatch: count, random: random, into: buffer.floats
        ) { _ in }
      }
      results.add(branchValues.results)
      let measures = LeafMeasures(batchStatistics + plan.statisticFloats)
      results.add("loss.\(step)", [1], [measures.loss / Float(count)])
      if step == 0 { results.add(prefix: "gradient:", replica.store.parameters, of: buffer.floats) }
      guard step < steps else { break }
      replica.updateStatistics(sums: batchStatistics, leaves: 1)
      results.add(prefix: "statistics.\(step):", replica.store.statistics, of: replica.statistics.floats)
      sgd.run(
        on: replica.processor, weights: weights.floats, gradient: UnsafePointer(buffer.floats),
        velocity: velocity.floats, count: plan.parameterFloats)
    }
  }

  private func addHeads(of executor: Executor, to results: inout ProbeResults) {
    let classes = executor.plan.classes
    var losses = [Float](repeating: 0, count: count)
    var ranks = [Int32](repeating: 0, count: count)
    for (number, head) in executor.heads.enumerated() {
      results.add("logits.\(number)", images: count, Shape(channels: classes), blocked: head.logits)
      LossFunction.crossEntropy(smoothing: 0).run(
        on: executor.processor, images: count, classes: classes, logits: head.logits, labels: labels, losses: &losses,
        ranks: &ranks, gradient: nil, gradientScale: 0)
      results.add("losses.\(number)", [count], losses)
    }
  }

  /// By what dropout multiplies, seen by giving it ones.
  private func addMasks(_ step: Int, _ random: RandomPosition, to results: inout ProbeResults) {
    for node in replica.network.nodes {
      guard let dropout = node.layer as? Dropout else { continue }
      let floats = node.type.floats
      let ones = Arena(count: count * floats)
      let mask = Arena(count: count * floats)
      ones.floats.update(repeating: 1, count: count * floats)
      Dropping(rate: dropout.rate, layer: UInt32(dropout.number)).run(
        on: replica.processor, source: ones.floats, output: mask.floats, images: count, count: floats, draw: random,
        accumulate: false)
      results.add("dropout.\(step).\(dropout.number)", images: count, node.type.shape, blocked: mask.floats)
    }
  }
}
