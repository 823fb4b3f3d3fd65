import Kernels
import Networks
import Tensors
import TestSupport
import Testing

extension KernelTests {
  /// Errors are measured per Σ|a·b|: a chain of n multiply-adds in float stays far below 1e-6 of it, and a product that
  /// is lost or counted twice far above.
  @Suite("Convolutions match the oracle", .serialized)
  struct Convolutions {
    static let tolerance = 1e-6

    @Test(arguments: ConvolutionCase.all)
    func forward(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = ConvolutionForward(test.shape)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let source = memory.input(data.source.packed(in: test.layout))
        let weights = memory.input(data.packedWeights)
        let bias = memory.input(data.bias, paddedTo: paddedToVector(test.outputs))
        for (usesBias, rectify) in [(false, false), (true, false), (true, true)] {
          pass.run(
            on: processor, source: source, weights: weights, bias: usesBias ? bias : nil, rectify: rectify,
            output: memory.output(test.images * test.shape.output.floats(in: .blocked)))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let plain = Oracle.convolution(data.source, weights: data.weights, bias: nil, outputs: test.outputs, test.window)
      let biased = Oracle.convolution(
        data.source, weights: data.weights, bias: data.bias, outputs: test.outputs, test.window)
      let bound = Oracle.convolution(
        data.source.map(abs), weights: data.weights.map(abs), bias: data.bias.map(abs), outputs: test.outputs,
        test.window)
      for (result, expected) in zip(run.results, [plain, biased, Oracle.rectify(biased)]) {
        #expect(error(result, expected, per: bound) < Self.tolerance)
        #expect(paddingIsZero(result, count: test.images, shape: test.shape.output))
      }
    }

    @Test(arguments: ConvolutionCase.all.filter { $0.layout == .blocked })
    func backwardData(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = ConvolutionBackwardData(test.shape)
      let start = data.start.packed(in: .blocked)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let gradient = memory.input(data.outputGradient.packed(in: .blocked))
        let weights = memory.input(data.packedWeights)
        for (accumulate, target) in [(false, memory.output(start.count)), (true, memory.output(start))] {
          pass.run(
            on: processor, outputGradient: gradient, weights: weights, accumulate: accumulate, sourceGradient: target,
            workspace: memory.workspace(pass.workspaceFloats))
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

    @Test(arguments: ConvolutionCase.all)
    func weightAndBiasGradient(_ test: ConvolutionCase) {
      let data = ConvolutionData(test)
      let pass = ConvolutionWeightGradient(test.shape)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let source = memory.input(data.source.packed(in: test.layout))
        let gradient = memory.input(data.outputGradient.packed(in: .blocked))
        pass.run(
          on: processor, source: source, outputGradient: gradient,
          weightGradient: memory.output(test.shape.weightFloats),
          biasGradient: memory.output(paddedToVector(test.outputs)), workspace: memory.workspace(pass.workspaceFloats))
        pass.run(
          on: processor, source: source, outputGradient: gradient,
          weightGradient: memory.output(test.shape.weightFloats), biasGradient: nil,
          workspace: memory.workspace(pass.workspaceFloats))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let (weights, bias) = (run.results[0], run.results[1])
      let inFileOrder = data.mapping.valuesInFileOrder(weights).doubles
      #expect(greatestError(inFileOrder, data.gradients.weights, per: data.gradientBounds.weights) < Self.tolerance)
      #expect(
        greatestError(bias.prefix(test.outputs).map(Double.init), data.gradients.bias, per: data.gradientBounds.bias)
          < Self.tolerance)
      #expect(data.mapping.paddingIsZero(weights))
      #expect(bias.dropFirst(test.outputs).allSatisfy { $0 == 0 })
      #expect(run.results[2].bits == weights.bits)
    }

    private func error(_ result: [Float], _ expected: Images, per bound: Images) -> Double {
      let values = Images(count: expected.count, shape: expected.shape, layout: .blocked, floats: result)
      return greatestError(values.values, expected.values, per: bound.values)
    }
  }
}

/// The numbers of one case, and what the oracle makes of them.
struct ConvolutionData {
  let test: ConvolutionCase
  let source, outputGradient: Images
  /// What an accumulated gradient begins with.
  let start: Images
  let weights, bias: [Double]

  init(_ test: ConvolutionCase) {
    self.test = test
    var numbers = TestNumbers(seed: 5)
    source = numbers.images(test.images, test.source)
    weights = numbers.array(test.outputs * test.source.channels * test.kernel.rows * test.kernel.columns)
    bias = numbers.array(test.outputs)
    outputGradient = numbers.images(test.images, test.shape.output)
    start = numbers.images(test.images, test.source)
  }

  var mapping: TensorMapping {
    .convolution(outputs: test.outputs, source: TensorType(test.source, test.layout), kernel: test.kernel)
  }
  var packedWeights: [Float] { mapping.arenaValues(weights) }

  var gradients: (source: Images, weights: [Double], bias: [Double]) {
    Oracle.convolutionGradients(source, weights: weights, outputGradient: outputGradient, test.window)
  }
  var gradientBounds: (source: Images, weights: [Double], bias: [Double]) {
    Oracle.convolutionGradients(
      source.map(abs), weights: weights.map(abs), outputGradient: outputGradient.map(abs), test.window)
  }
}
