import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Whole networks match the oracle", .serialized)
struct NetworkGradientTests {
  @Test(arguments: NetworkCase.all, [true, false])
  func logitsAndAllGradients(_ test: NetworkCase, fused: Bool) {
    let replica = Replica(test, fused: fused, on: Processor(team: Team(size: 1)))
    let step = replica.step(poison: .nan)
    let oracle = OracleNetwork(test.network)
    let outputs = oracle.forward(test.batch, parameters: test.parameters, statistics: test.statistics, training: true)
    let loss = Oracle.softmaxCrossEntropy(outputs[test.network.output], labels: test.labels, smoothing: 0)
    let expected = oracle.backward(
      outputs, parameters: test.parameters, logitsGradient: loss.gradient.map { $0 / Double(test.images) })
    #expect(relativeError(replica.logits(step).values, outputs[test.network.output].values) < 1e-5)
    #expect(relativeError(step.losses.doubles, loss.losses) < 1e-5)
    #expect(Set(replica.store.parameters.map(\.name)) == Set(expected.keys))
    for tensor in replica.store.parameters {
      guard let expected = expected[tensor.name] else { continue }
      let error = relativeError(replica.values(tensor, in: step.gradients), expected)
      #expect(error < 1e-4, "\(tensor.name)")
      #expect(tensor.mapping.paddingIsZero(Array(step.gradients[tensor.range])), "\(tensor.name)")
    }
    let floats = UnsafeBufferPointer(start: replica.batchStatistics.floats, count: replica.plan.statisticFloats)
    let measured = Array(floats)
    let moments = oracle.batchStatistics(outputs)
    for tensor in replica.store.statistics {
      #expect(relativeError(replica.values(tensor, in: measured), moments[tensor.name] ?? []) < 1e-5, "\(tensor.name)")
    }
  }

  /// The gradient of the mean loss along random directions through all weights, against central differences of the
  /// oracle.
  @Test(arguments: NetworkCase.small)
  func finiteDifferences(_ test: NetworkCase) {
    let replica = Replica(test, on: Processor(team: Team(size: 2)))
    let step = replica.step()
    let oracle = OracleNetwork(test.network)
    let parameters = test.parameters
    var numbers = TestNumbers(seed: 34)
    for _ in 0..<3 {
      // As large as the weights themselves, each parameter in its measure.
      let directions = parameters.mapValues { value in
        let size = max(value.norm, 1e-3) / Double(value.count).squareRoot()
        return numbers.array(value.count).map { $0 * size }
      }
      func loss(_ step: Double) -> Double {
        let moved = parameters.merging(directions) { zip($0, $1).map { $0 + step * $1 } }
        let outputs = oracle.forward(test.batch, parameters: moved, statistics: test.statistics, training: true)
        let losses = Oracle.softmaxCrossEntropy(outputs[test.network.output], labels: test.labels, smoothing: 0).losses
        return losses.reduce(0, +) / Double(test.images)
      }
      let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
      var predicted = 0.0
      var size = 0.0
      for tensor in replica.store.parameters {
        let gradient = replica.values(tensor, in: step.gradients)
        let direction = directions[tensor.name] ?? []
        predicted += zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        size += gradient.norm * direction.norm / Double(direction.count).squareRoot()
      }
      #expect(abs(predicted - slope) < 1e-4 * size)
    }
  }

  @Test(arguments: NetworkCase.all)
  func evaluation(_ test: NetworkCase) {
    let outputs = OracleNetwork(test.network).forward(
      test.batch, parameters: test.parameters, statistics: test.statistics, training: false)
    for fused in [true, false] {
      let replica = Replica(test, fused: fused, mode: .evaluation, on: Processor(team: Team(size: 1)))
      replica.executor.overwriteActivations(with: .nan)
      replica.forward()
      let logits = Images(
        count: test.images, shape: Shape(channels: replica.plan.classes), layout: .blocked,
        floats: replica.executor.logits)
      #expect(relativeError(logits.values, outputs[test.network.output].values) < 1e-5)
    }
  }

  @Test(arguments: NetworkCase.all)
  func fusionChangesNothing(_ test: NetworkCase) {
    let processor = Processor(team: Team(size: 1))
    let (fused, plain) = (Replica(test, on: processor), Replica(test, fused: false, on: processor))
    let (a, b) = (fused.step(), plain.step())
    #expect(fused.plan.steps.count < plain.plan.steps.count || !test.network.nodes.contains { $0.layer is ReLU })
    #expect(relativeError(a.logits.doubles, b.logits.doubles) < 1e-5)
    #expect(Set(fused.store.parameters.map(\.name)) == Set(plain.store.parameters.map(\.name)))
    for tensor in plain.store.parameters {
      guard let same = fused.store.parameters.first(where: { $0.name == tensor.name }) else { continue }
      #expect(relativeError(fused.values(same, in: a.gradients), plain.values(tensor, in: b.gradients)) < 1e-5)
    }
  }
}
