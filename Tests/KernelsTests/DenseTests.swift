import Kernels
import Networks
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Dense layers match the oracle", .serialized)
  struct DenseLayers {
    struct Case: CustomTestStringConvertible {
      var images: Int
      var source: TensorType
      var outputs: Int

      init(
        _ images: Int, _ channels: Int, _ height: Int = 1, _ width: Int = 1, _ layout: Layout = .blocked,
        to outputs: Int
      ) {
        self.images = images
        source = TensorType(Shape(channels: channels, height: height, width: width), layout)
        self.outputs = outputs
      }

      var shape: DenseShape { DenseShape(images: images, features: source.floats, outputs: outputs) }
      var testDescription: String { "\(images)× \(source.shape) \(source.layout) → \(outputs)" }
    }

    static let cases: [Case] = [
      Case(1, 16, to: 16), Case(1, 1, to: 1), Case(2, 17, to: 3), Case(5, 64, to: 10), Case(5, 84, to: 10),
      Case(2, 16, 5, 5, to: 120), Case(5, 50, 4, 4, to: 33), Case(3, 6, 3, 5, to: 17), Case(40, 20, to: 50),
      Case(1, 300, to: 100), Case(7, 1000, to: 64), Case(1030, 16, to: 16),
      Case(2, 3, 5, 7, .interleaved, to: 10), Case(5, 1, 28, 28, .interleaved, to: 33),
      Case(1, 1, 1, 5, .interleaved, to: 17), Case(3, 10, 7, 9, .interleaved, to: 16),
    ]

    @Test(arguments: cases)
    func forward(_ test: Case) {
      var numbers = TestNumbers(seed: 3)
      let source = numbers.images(test.images, test.source.shape)
      let weights = numbers.array(test.outputs * test.source.shape.count)
      let bias = numbers.array(test.outputs)
      let mapping = TensorMapping.dense(outputs: test.outputs, source: test.source)
      let pass = DenseForward(test.shape)
      #expect(mapping.floats == test.shape.weightFloats)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        for rectify in [false, true] {
          pass.run(
            on: processor, source: memory.input(source.packed(in: test.source.layout)),
            weights: memory.input(mapping.arenaValues(weights)),
            bias: memory.input(bias, paddedTo: paddedToVector(test.outputs)), rectify: rectify,
            output: memory.output(test.images * paddedToVector(test.outputs)),
            workspace: memory.workspace(pass.workspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = Oracle.dense(source, weights: weights, bias: bias)
      let bound = Oracle.dense(source.map(abs), weights: weights.map(abs), bias: bias.map(abs))
      for (result, expected) in zip(run.results, [expected, Oracle.rectify(expected)]) {
        let values = Images(count: test.images, shape: expected.shape, layout: .blocked, floats: result).values
        #expect(greatestError(values, expected.values, per: bound.values) < 1e-6)
        #expect(paddingIsZero(result, count: test.images, shape: expected.shape))
      }
    }

    @Test(arguments: cases)
    func backward(_ test: Case) {
      var numbers = TestNumbers(seed: 4)
      let source = numbers.images(test.images, test.source.shape)
      let weights = numbers.array(test.outputs * test.source.shape.count)
      let outputGradient = numbers.images(test.images, Shape(channels: test.outputs))
      let start = numbers.images(test.images, test.source.shape)
      let mapping = TensorMapping.dense(outputs: test.outputs, source: test.source)
      let pass = DenseBackward(test.shape)
      let hasSourceGradient = test.source.layout == .blocked
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        for accumulate in [false, true] {
          let target =
            accumulate ? memory.output(start.packed(in: .blocked)) : memory.output(test.images * test.source.floats)
          pass.run(
            on: processor, source: memory.input(source.packed(in: test.source.layout)),
            outputGradient: memory.input(outputGradient.packed(in: .blocked)),
            weights: memory.input(mapping.arenaValues(weights)), weightGradient: memory.output(mapping.floats),
            biasGradient: memory.output(paddedToVector(test.outputs)),
            sourceGradient: hasSourceGradient ? target : nil, accumulate: accumulate,
            workspace: memory.workspace(pass.workspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = Oracle.denseGradients(source, weights: weights, outputGradient: outputGradient)
      let bound = Oracle.denseGradients(
        source.map(abs), weights: weights.map(abs), outputGradient: outputGradient.map(abs))
      let (weightGradient, biasGradient) = (run.results[1], run.results[2])
      #expect(
        greatestError(mapping.valuesInFileOrder(weightGradient).doubles, expected.weights, per: bound.weights) < 1e-6)
      #expect(mapping.paddingIsZero(weightGradient))
      #expect(greatestError(biasGradient.prefix(test.outputs).map(Double.init), expected.bias, per: bound.bias) < 1e-6)
      #expect(biasGradient.dropFirst(test.outputs).allSatisfy { $0 == 0 })
      guard hasSourceGradient else { return }
      let added = Oracle.add(expected.source, start)
      let addedBound = Oracle.add(bound.source, start.map(abs))
      for (result, expected) in [(run.results[0], expected.source), (run.results[3], added)] {
        let values = Images(count: test.images, shape: test.source.shape, layout: .blocked, floats: result)
        #expect(greatestError(values.values, expected.values, per: addedBound.values) < 1e-6)
        #expect(paddingIsZero(result, count: test.images, shape: test.source.shape))
      }
    }
  }
}
