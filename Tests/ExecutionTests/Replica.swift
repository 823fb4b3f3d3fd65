import Execution
import Kernels
import Networks
import Tensors
import TestSupport

/// A network with its arenas, ready to run: what a rank holds.
final class Replica {
  let test: NetworkCase
  let plan: Plan
  let store: ParameterStore
  let executor: Executor
  let parameters: Arena
  let statistics: Arena
  let batchStatistics: Arena
  let gradients: Arena
  private let processor: Processor
  private let images: [Float]
  private let labels: [Int32]

  init(
    _ test: NetworkCase, fused: Bool = true, mode: Plan.Mode = .training, joinsBranches: Bool = true,
    on processor: Processor
  ) {
    self.test = test
    self.processor = processor
    let network = fused ? test.network.fused() : test.network
    plan = Plan(network, images: test.images, mode: mode, joinsBranches: joinsBranches)
    store = ParameterStore(plan, network)
    parameters = Arena(count: plan.parameterFloats)
    statistics = Arena(count: plan.statisticFloats)
    batchStatistics = Arena(count: plan.statisticFloats)
    gradients = Arena(count: plan.parameterFloats)
    executor = Executor(plan, network, on: processor, parameters: parameters.floats, statistics: statistics.floats)
    images = test.batch.packed(in: .interleaved)
    labels = test.labels.map(Int32.init)
    fill(store.parameters, parameters.floats, test.parameters)
    fill(store.statistics, statistics.floats, test.statistics)
  }

  private func fill(
    _ tensors: [ParameterStore.Tensor], _ arena: UnsafeMutablePointer<Float>, _ values: OracleNetwork.Values
  ) {
    for tensor in tensors {
      guard let value = values[tensor.name] else { preconditionFailure("\(tensor.name) has no value.") }
      tensor.mapping.read(fromFile: value.floats, into: arena + tensor.range.lowerBound)
    }
  }

  func forward() {
    images.withUnsafeBufferPointer {
      guard let images = $0.baseAddress else { return }
      executor.forward(images: images, batchStatistics: batchStatistics.floats)
    }
  }

  /// One pass forward and back. `completed` is told what is left of the gradient arena.
  @discardableResult
  func step(poison: Float? = nil, completed: (Int) -> Void = { _ in }) -> Step {
    if let poison {
      executor.overwriteActivations(with: poison)
      gradients.floats.update(repeating: poison, count: gradients.count)
    }
    forward()
    let logits = Array(UnsafeBufferPointer(start: executor.logits, count: test.images * paddedToVector(plan.classes)))
    var losses = [Float](repeating: 0, count: test.images)
    var ranks = [Int32](repeating: 0, count: test.images)
    LossFunction.crossEntropy(smoothing: 0).run(
      on: processor, images: test.images, classes: plan.classes, logits: executor.logits, labels: labels,
      losses: &losses, ranks: &ranks, gradient: executor.logitsGradient, gradientScale: 1 / Float(test.images))
    executor.backward(gradients: gradients.floats, completed: completed)
    return Step(
      logits: logits, losses: losses,
      gradients: Array(UnsafeBufferPointer(start: gradients.floats, count: gradients.count)))
  }

  struct Step: Equatable {
    var logits: [Float]
    var losses: [Float]
    var gradients: [Float]

    /// Bit for bit.
    static func == (a: Step, b: Step) -> Bool {
      a.logits.bits == b.logits.bits && a.losses.bits == b.losses.bits && a.gradients.bits == b.gradients.bits
    }
  }

  func logits(_ step: Step) -> Images {
    Images(count: test.images, shape: Shape(channels: plan.classes), layout: .blocked, floats: step.logits)
  }

  /// A tensor of an arena in file order.
  func values(_ tensor: ParameterStore.Tensor, in arena: [Float]) -> [Double] {
    tensor.mapping.valuesInFileOrder(Array(arena[tensor.range])).doubles
  }
}
