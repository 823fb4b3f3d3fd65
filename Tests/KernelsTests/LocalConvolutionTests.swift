import Kernels
import Networks
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Locally connected layers match the oracle", .serialized)
  struct LocalConvolutions {
    static let cases: [ConvolutionCase] = [
      .init(source: Shape(channels: 16, height: 6, width: 7), outputs: 33, kernel: Extent(3), padding: Extent(1)),
      .init(
        images: 5, source: Shape(channels: 20, height: 7, width: 8), outputs: 17, kernel: Extent(3),
        stride: Extent(2), padding: Extent(1)),
      .init(
        images: 3, source: Shape(channels: 33, height: 4, width: 5), outputs: 50,
        kernel: Extent(rows: 2, columns: 3), stride: Extent(rows: 1, columns: 2)),
      // One position; one row; a pointwise kernel; more padding than the kernel needs.
      .init(source: Shape(channels: 17, height: 4, width: 3), outputs: 100, kernel: Extent(rows: 4, columns: 3)),
      .init(
        source: Shape(channels: 6, height: 1, width: 20), outputs: 10, kernel: Extent(rows: 1, columns: 5),
        padding: Extent(rows: 0, columns: 2)),
      .init(images: 4, source: Shape(channels: 16, height: 3, width: 3), outputs: 16, kernel: Extent(1)),
      .init(
        source: Shape(channels: 3, height: 3, width: 2), outputs: 5, kernel: Extent(2), stride: Extent(2),
        padding: Extent(3)),
      // More images than a tile has rows, in several parts; more patches than scratch holds at a time.
      .init(images: 61, source: Shape(channels: 17, height: 3, width: 4), outputs: 20, kernel: Extent(2)),
      .init(
        images: 33, source: Shape(channels: 330, height: 4, width: 4), outputs: 6, kernel: Extent(4),
        padding: Extent(0)),
      // Images.
      .init(
        images: 3, source: Shape(channels: 3, height: 9, width: 8), layout: .interleaved, outputs: 17,
        kernel: Extent(3), stride: Extent(2), padding: Extent(1)),
      .init(
        images: 2, source: Shape(channels: 1, height: 6, width: 6), layout: .interleaved, outputs: 4,
        kernel: Extent(5), padding: Extent(2)),
    ]

    @Test(arguments: cases)
    func allPasses(_ test: ConvolutionCase) throws {
      let passes = LocalConvolution(test.shape)
      let layer = LocallyConnected(
        test.outputs, kernel: test.kernel, stride: test.stride, padding: test.padding, bias: true)
      let mappings = layer.parameters(of: [TensorType(test.source, test.layout)]).map(\.mapping)
      let output = test.shape.output
      var numbers = TestNumbers(seed: 8)
      let source = numbers.images(test.images, test.source)
      let gradient = numbers.images(test.images, output)
      let weights = numbers.array(mappings[0].count)
      let bias = numbers.array(output.count)
      let start = numbers.images(test.images, test.source)
      let packedStart = start.packed(in: .blocked)
      #expect(mappings[0].floats == passes.weightFloats)

      let run = runEverywhere(scratchFloats: passes.scratchFloats) { processor, memory in
        let x = memory.input(source.packed(in: test.layout))
        let w = memory.input(mappings[0].arenaValues(weights))
        let b = memory.input(mappings[1].arenaValues(bias))
        let g = memory.input(gradient.packed(in: .blocked))
        let outputFloats = test.images * output.floats(in: .blocked)
        for (bias, rectify) in [(nil, false), (b, true)] {
          passes.forward(
            on: processor, source: x, weights: w, bias: bias, rectify: rectify, output: memory.output(outputFloats))
        }
        passes.weightGradient(
          on: processor, source: x, outputGradient: g, weightGradient: memory.output(mappings[0].floats),
          biasGradient: memory.output(mappings[1].floats))
        guard test.layout == .blocked else { return }
        for (accumulate, target) in [(false, memory.output(packedStart.count)), (true, memory.output(packedStart))] {
          passes.backwardData(
            on: processor, outputGradient: g, weights: w, accumulate: accumulate, sourceGradient: target)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")

      func forward(_ source: Images, _ weights: [Double], _ bias: [Double]?) -> Images {
        Oracle.locallyConnected(source, weights: weights, bias: bias, outputs: test.outputs, test.window)
      }
      let outputBound = forward(source.map(abs), weights.map(abs), bias.map(abs))
      let outputs = [forward(source, weights, nil), Oracle.rectify(forward(source, weights, bias))]
      for (result, expected) in zip(run.results, outputs) {
        #expect(error(result, expected, per: outputBound) < Convolutions.tolerance)
        #expect(paddingIsZero(result, count: test.images, shape: output))
      }
      let gradients = Oracle.locallyConnectedGradients(source, weights: weights, outputGradient: gradient, test.window)
      let bounds = Oracle.locallyConnectedGradients(
        source.map(abs), weights: weights.map(abs), outputGradient: gradient.map(abs), test.window)
      for (place, expected) in [(gradients.weights, bounds.weights), (gradients.bias, bounds.bias)].enumerated() {
        let result = run.results[2 + place]
        let values = mappings[place].valuesInFileOrder(result).doubles
        #expect(greatestError(values, expected.0, per: expected.1) < Convolutions.tolerance)
        #expect(mappings[place].paddingIsZero(result))
      }
      let sourceBound = Oracle.add(bounds.source, start.map(abs))
      for (result, expected) in zip(run.results[4...], [gradients.source, Oracle.add(gradients.source, start)]) {
        #expect(error(result, expected, per: sourceBound) < Convolutions.tolerance)
        #expect(paddingIsZero(result, count: test.images, shape: test.source))
      }
    }

    private func error(_ result: [Float], _ expected: Images, per bound: Images) -> Double {
      let values = Images(count: expected.count, shape: expected.shape, layout: .blocked, floats: result)
      return greatestError(values.values, expected.values, per: bound.values)
    }
  }
}
