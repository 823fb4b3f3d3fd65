import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Models compute what PyTorch computes", .serialized)
struct PyTorchTests {
  @Test(arguments: ["mlp", "lenet5", "lenet-caffe", "resnet20"], [true, false])
  func lossesGradientsAndSteps(_ model: String, fused: Bool) throws {
    let golden = try PyTorchGolden.load(model)
    let network = try #require(ModelCatalog.entry(named: model)).build(ModelOptions())
    let shape = network.input.shape
    let images = Images(count: 4, shape: shape, values: PyTorchGolden.numbers(4 * shape.count, stream: 1000))
    let test = NetworkCase(network, images: 4, parameters: golden.weights, batch: images)
    let processor = Processor(team: Team(size: 2))
    let replica = Replica(test, fused: fused, on: processor)
    replica.setInitialStatistics()

    let first = replica.step()
    #expect(relativeError(replica.logits(first).values, golden.logits) < 1e-5)
    let losses = try run(replica, first, golden, on: processor)
    #expect(relativeError(losses, golden.losses) < 1e-4)
    #expect(Set(golden.parameters.map(\.name)) == Set(replica.store.parameters.map(\.name)))
    for (expected, norm) in zip(golden.parameters, golden.weightNorms) {
      let tensor = try #require(replica.store.parameters.first { $0.name == expected.name })
      #expect(tensor.shape == expected.shape)
      let gradient = replica.values(tensor, in: first.gradients)
      #expect(abs(gradient.norm - expected.gradientNorm) < 1e-4 * expected.gradientNorm, "\(tensor.name)")
      let samples = (0..<16).map { gradient[$0 * gradient.count / 16] }
      let size = expected.gradientNorm / Double(gradient.count).squareRoot()
      let greatest = zip(samples, expected.gradient).map { abs($0 - $1) / max(abs($1), size) }.max() ?? 0
      #expect(greatest < 1e-4, "\(tensor.name)")
      #expect(abs(replica.values(tensor, of: replica.parameters).norm - norm) < 1e-4 * norm, "\(tensor.name)")
    }
    for expected in golden.running {
      let tensor = try #require(replica.store.statistics.first { $0.name == expected.name })
      let norm = replica.values(tensor, of: replica.statistics).norm
      #expect(abs(norm - expected.norm) < 1e-4 * expected.norm, "\(tensor.name)")
    }
  }

  /// Three steps of SGD on one batch; the mean losses before each and after the last.
  private func run(
    _ replica: Replica, _ first: Replica.Step, _ golden: PyTorchGolden, on processor: Processor
  ) throws -> [Double] {
    let sgd = MomentumStep(
      learningRate: golden.sgd.lr, momentum: golden.sgd.momentum, weightDecay: golden.sgd.weightDecay,
      nesterov: golden.sgd.nesterov)
    let velocity = Arena(count: replica.plan.parameterFloats)
    var losses: [Double] = []
    var step = first
    for _ in 0..<golden.losses.count - 1 {
      losses.append(step.losses.doubles.reduce(0, +) / 4)
      replica.measureStatistics()
      sgd.run(
        on: processor, weights: replica.parameters.floats, gradient: UnsafePointer(replica.gradients.floats),
        velocity: velocity.floats, count: replica.plan.parameterFloats)
      if losses.count < golden.losses.count - 1 { step = replica.step() }
    }
    // The last loss without touching the statistics again.
    losses.append(replica.step().losses.doubles.reduce(0, +) / 4)
    return losses
  }
}

extension Replica {
  /// Mean 0 and variance 1.
  fileprivate func setInitialStatistics() {
    for tensor in store.statistics {
      let value: Float = tensor.name.hasSuffix("running_var") ? 1 : 0
      (statistics.floats + tensor.range.lowerBound).update(repeating: value, count: tensor.count)
    }
  }

  /// What training does with a batch's statistics.
  fileprivate func measureStatistics() {
    for statistic in plan.statistics {
      for place in statistic.range {
        statistics.floats[place] += statistic.momentum * (batchStatistics.floats[place] - statistics.floats[place])
      }
    }
  }

  fileprivate func values(_ tensor: ParameterStore.Tensor, of arena: borrowing Arena) -> [Double] {
    values(tensor, in: Array(UnsafeBufferPointer(start: arena.floats, count: arena.count)))
  }
}
