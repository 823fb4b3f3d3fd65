import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// A model that runs what a golden of PyTorch's holds.
final class GoldenRun {
  let golden: PyTorchGolden
  let store: ParameterStore
  let weights: Arena
  let statistics: Arena
  let gradients: Arena
  private let plan: Plan
  private let pass: LeafPass
  private let velocity: Arena
  private let images: [Float]
  private let labels: [Int32]
  private var count: Int { labels.count }

  init(
    _ model: String, _ golden: PyTorchGolden, _ algorithm: ConvolutionAlgorithm, fused: Bool, on processor: Processor
  )
    throws
  {
    self.golden = golden
    let shape = golden.images.shape
    var options = ModelOptions(classes: golden.logits[0].count / shape[0])
    if shape[2] == shape[3] { options.inputSize = shape[2] }
    let entry = try #require(ModelCatalog.entry(named: model))
    var network = try entry.build(options).validated().computing(with: algorithm).withoutDropout()
    #expect(network.input.shape == Shape(channels: shape[1], height: shape[2], width: shape[3]))
    if fused { network = network.fused() }
    plan = Plan(network, images: shape[0], mode: .training)
    store = ParameterStore(plan, network)
    weights = Arena(count: plan.parameterFloats)
    statistics = Arena(count: plan.statisticFloats)
    gradients = Arena(count: plan.parameterFloats + plan.measureFloats)
    velocity = Arena(count: plan.parameterFloats)
    pass = LeafPass(
      Executor(plan, network, on: processor, parameters: weights.floats, statistics: statistics.floats))
    images = Images(count: shape[0], shape: network.input.shape, values: golden.pixels).packed(in: .interleaved)
    labels = (0..<shape[0]).map { [classes = plan.classes] in Int32((7 * $0 + 3) % classes) }
    try fill(on: processor)
  }

  private func fill(on processor: Processor) throws {
    store.initialize(parameters: nil, statistics: statistics.floats, seed: 0, on: processor)
    #expect(Set(golden.parameters.map(\.name)) == Set(store.parameters.map(\.name)))
    #expect(Set(golden.running.map(\.name)) == Set(store.statistics.map(\.name)))
    for (place, expected) in golden.parameters.enumerated() {
      let tensor = try parameter(expected.name)
      try #require(tensor.shape == expected.shape)
      tensor.mapping.read(fromFile: golden.weights(place), into: weights.floats + tensor.range.lowerBound)
    }
  }

  func parameter(_ name: String) throws -> ParameterStore.Tensor {
    try #require(store.parameters.first { $0.name == name }, "There is no \(name).")
  }

  /// Every head's.
  func logits() -> [[Double]] {
    let executor = pass.executor
    let batchStatistics = Arena(count: plan.statisticFloats)
    executor.forward(images: images, batchStatistics: batchStatistics.floats)
    return executor.heads.map { head in
      let shape = Shape(channels: plan.classes)
      return Images(count: count, shape: shape, layout: .blocked, floats: head.logits).values
    }
  }

  /// Computes gradients and statistics of the batch; returns the main head's mean loss.
  func compute() -> Double {
    pass.run(images: images, labels: labels, globalBatch: count, into: gradients.floats) { _ in }
    return Double(LeafMeasures(gradients.floats + plan.parameterFloats + plan.statisticFloats).loss) / Double(count)
  }

  /// A step of SGD by the gradients, and what training does with the batch's statistics.
  func step(on processor: Processor) {
    let measured = gradients.floats + plan.parameterFloats
    for statistic in plan.statistics {
      for place in statistic.range {
        statistics.floats[place] += statistic.momentum * (measured[place] - statistics.floats[place])
      }
    }
    MomentumStep(
      learningRate: golden.sgd.lr, momentum: golden.sgd.momentum, weightDecay: golden.sgd.weightDecay,
      nesterov: golden.sgd.nesterov
    ).run(
      on: processor, weights: weights.floats, gradient: UnsafePointer(gradients.floats), velocity: velocity.floats,
      count: plan.parameterFloats)
  }

  /// Of a tensor in its arena. Padding, which has to be zero, counts.
  func norm(_ tensor: ParameterStore.Tensor, in arena: UnsafePointer<Float>) -> Double {
    var sum = 0.0
    for place in tensor.range { sum += Double(arena[place]) * Double(arena[place]) }
    return sum.squareRoot()
  }

  /// Value number i of 16 stands at i · count / 16 in the order of files.
  func samples(_ tensor: ParameterStore.Tensor, in arena: UnsafePointer<Float>) -> [Double] {
    let rowCount = tensor.count / tensor.shape[0]
    var row = [Float](repeating: 0, count: rowCount)
    return (0..<16).map { sample in
      let index = sample * tensor.count / 16
      let place = index / rowCount
      tensor.mapping.write(rows: place..<place + 1, of: arena + tensor.range.lowerBound, toFile: &row)
      return Double(row[index % rowCount])
    }
  }
}

extension Network {
  /// All values pass.
  fileprivate func withoutDropout() -> Network {
    let nodes = nodes.map { node in
      var node = node
      if var dropout = node.layer as? Dropout {
        dropout.rate = 0
        node.layer = dropout
      }
      return node
    }
    return replacing(nodes: nodes) { $0 }
  }
}
