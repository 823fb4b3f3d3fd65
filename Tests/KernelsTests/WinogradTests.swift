import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  /// Winograd's error is about twice the direct one's; a wrong tap, tile or edge is far above the bound.
  @Suite("Winograd convolutions match the oracle", .serialized)
  struct WinogradConvolutions {
    static let tolerance = 4e-6

    static let cases: [ConvolutionCase] =
      ConvolutionCase.all.filter { Winograd.isPossible($0.shape) } + [
        // Whole tiles, tiles cut off on one or both sides, more tiles than a task takes, single tiles.
        .init(source: Shape(channels: 32, height: 8, width: 8), outputs: 48, kernel: Extent(3), padding: Extent(1)),
        .init(source: Shape(channels: 33, height: 7, width: 10), outputs: 64, kernel: Extent(3), padding: Extent(1)),
        .init(
          images: 5, source: Shape(channels: 16, height: 21, width: 23), outputs: 17, kernel: Extent(3),
          padding: Extent(1)),
        .init(images: 3, source: Shape(channels: 20, height: 9, width: 6), outputs: 16, kernel: Extent(3)),
        .init(
          images: 1, source: Shape(channels: 16, height: 5, width: 4), outputs: 16, kernel: Extent(3),
          padding: Extent(2)),
        .init(images: 1, source: Shape(channels: 16, height: 3, width: 3), outputs: 16, kernel: Extent(3)),
        // Several phases of the weight gradient.
        .init(
          images: 4, source: Shape(channels: 48, height: 40, width: 40), outputs: 64, kernel: Extent(3),
          padding: Extent(1)),
        // Images that share tiles, in a square, a rectangle and a column, with gaps of different width.
        .init(
          images: 4, source: Shape(channels: 64, height: 13, width: 13), outputs: 64, kernel: Extent(3),
          padding: Extent(1)),
        .init(
          images: 6, source: Shape(channels: 64, height: 5, width: 6), outputs: 48, kernel: Extent(3),
          padding: Extent(1)),
        .init(
          images: 5, source: Shape(channels: 130, height: 6, width: 5), outputs: 140, kernel: Extent(3),
          padding: Extent(rows: 2, columns: 0)),
        .init(
          images: 8, source: Shape(channels: 256, height: 9, width: 9), outputs: 144, kernel: Extent(5),
          padding: Extent(1)),
        // Kernels of five.
        .init(source: Shape(channels: 32, height: 8, width: 8), outputs: 48, kernel: Extent(5), padding: Extent(2)),
        .init(images: 3, source: Shape(channels: 20, height: 12, width: 9), outputs: 50, kernel: Extent(5)),
        .init(
          images: 2, source: Shape(channels: 16, height: 5, width: 7), outputs: 33, kernel: Extent(5),
          padding: Extent(rows: 4, columns: 1)),
        .init(images: 1, source: Shape(channels: 16, height: 5, width: 5), outputs: 16, kernel: Extent(5)),
        // Backward-data by the adjoint: several images per task and a rest.
        .init(images: 17, source: Shape(channels: 16, height: 6, width: 6), outputs: 17, kernel: Extent(5)),
      ]

    @Test(arguments: cases)
    func forward(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = Winograd(test.shape)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let source = memory.input(data.source.packed(in: .blocked))
        let weights = memory.input(data.packedWeights)
        let bias = memory.input(data.bias, paddedTo: paddedToVector(test.outputs))
        for (usesBias, rectify, training) in [(false, false, true), (true, true, true), (false, false, false)] {
          pass.forward(
            on: processor, source: source, weights: weights, bias: usesBias ? bias : nil, rectify: rectify,
            training: training, output: memory.output(test.images * test.shape.output.floats(in: .blocked)),
            workspace: memory.workspace(pass.forwardWorkspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let plain = Oracle.convolution(data.source, weights: data.weights, bias: nil, outputs: test.outputs, test.window)
      let biased = Oracle.convolution(
        data.source, weights: data.weights, bias: data.bias, outputs: test.outputs, test.window)
      let bound = Oracle.convolution(
        data.source.map(abs), weights: data.weights.map(abs), bias: data.bias.map(abs), outputs: test.outputs,
        test.window)
      for (result, expected) in zip(run.results, [plain, Oracle.rectify(biased), plain]) {
        #expect(error(result, expected, per: bound) < Self.tolerance)
        #expect(paddingIsZero(result, count: test.images, shape: test.shape.output))
      }
    }

    @Test("in evaluation an image's outputs do not depend on the others")
    func evaluation() {
      let images = 4
      let shape = Shape(channels: 64, height: 13, width: 13)
      func test(_ count: Int) -> ConvolutionCase {
        .init(images: count, source: shape, outputs: 64, kernel: Extent(3), padding: Extent(1))
      }
      let data = ConvolutionData(test(images))
      let packed = data.source.packed(in: .blocked)
      func outputs(_ source: [Float], count: Int) -> [Float] {
        let pass = Winograd(test(count).shape)
        let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
          pass.forward(
            on: processor, source: memory.input(source), weights: memory.input(data.packedWeights), bias: nil,
            rectify: false, training: false,
            output: memory.output(count * test(count).shape.output.floats(in: .blocked)),
            workspace: memory.workspace(pass.forwardWorkspaceFloats))
        }
        #expect(run.faults.isEmpty, "\(run.faults)")
        return run.results[0]
      }
      let floats = packed.count / images
      let alone = (0..<images).flatMap { outputs(Array(packed[$0 * floats..<($0 + 1) * floats]), count: 1) }
      #expect(outputs(packed, count: images) == alone)
    }

    @Test(arguments: cases)
    func backwardData(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = Winograd(test.shape)
      let start = data.start.packed(in: .blocked)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let gradient = memory.input(data.outputGradient.packed(in: .blocked))
        let weights = memory.input(data.packedWeights)
        for (accumulate, target) in [(false, memory.output(start.count)), (true, memory.output(start))] {
          pass.backwardData(
            on: processor, outputGradient: gradient, weights: weights, accumulate: accumulate, sourceGradient: target,
            workspace: memory.workspace(pass.backwardWorkspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = data.gradients.source
      let bound = Oracle.add(data.gradientBounds.source, data.start.map(abs))
      for (result, expected) in zip(run.results, [expected, Oracle.add(expected, data.start)]) {
        #expect(error(result, expected, per: bound) < Self.tolerance)
        #expect(paddingIsZero(result, count: test.images, shape: test.source))
      }
    }

    @Test(arguments: cases)
    func weightGradient(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = Winograd(test.shape)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        pass.weightGradient(
          on: processor, source: memory.input(data.source.packed(in: .blocked)),
          outputGradient: memory.input(data.outputGradient.packed(in: .blocked)),
          weightGradient: memory.output(test.shape.weightFloats),
          workspace: memory.workspace(pass.backwardWorkspaceFloats))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let inFileOrder = data.mapping.valuesInFileOrder(run.results[0]).doubles
      // All 36 places mix in every weight, so the largest of the sums is what rounding is held against.
      let bounds = data.gradientBounds.weights
      let bound = [Double](repeating: bounds.max() ?? 0, count: bounds.count)
      #expect(greatestError(inFileOrder, data.gradients.weights, per: bound) < Self.tolerance)
      #expect(data.mapping.paddingIsZero(run.results[0]))
    }

    private func error(_ result: [Float], _ expected: Images, per bound: Images) -> Double {
      let values = Images(count: expected.count, shape: expected.shape, layout: .blocked, floats: result)
      return greatestError(values.values, expected.values, per: bound.values)
    }
  }
}
