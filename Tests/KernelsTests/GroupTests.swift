import Kernels
import Networks
import Tensors
import TestSupport
import Testing

extension KernelTests {
  /// Convolutions in groups, by every way that computes them.
  @Suite("Convolutions in groups match the oracle", .serialized)
  struct Groups {
    struct Case: CustomTestStringConvertible {
      var convolution: ConvolutionCase
      var groups: Int
      var winograd = false

      var testDescription: String { "\(convolution.testDescription), \(groups) groups\(winograd ? ", winograd" : "")" }
    }

    static let cases: [Case] = [
      // Whole blocks: two groups, many, of different width in source and output.
      .init(
        convolution: .init(
          source: Shape(channels: 64, height: 7, width: 9), outputs: 96, kernel: Extent(5), padding: Extent(2)),
        groups: 2),
      .init(
        convolution: .init(
          images: 3, source: Shape(channels: 64, height: 6, width: 5), outputs: 64, kernel: Extent(1)), groups: 4),
      .init(
        convolution: .init(
          source: Shape(channels: 32, height: 9, width: 11), outputs: 64, kernel: Extent(3), stride: Extent(2),
          padding: Extent(2), dilation: Extent(2)), groups: 2),
      .init(
        convolution: .init(
          images: 4, source: Shape(channels: 64, height: 13, width: 13), outputs: 96, kernel: Extent(3),
          padding: Extent(1)), groups: 2, winograd: true),
      .init(
        convolution: .init(
          source: Shape(channels: 96, height: 9, width: 8), outputs: 48, kernel: Extent(5), padding: Extent(2)),
        groups: 3, winograd: true),
      // Groups that share blocks, and a rest of groups that fills none.
      .init(
        convolution: .init(
          source: Shape(channels: 32, height: 7, width: 6), outputs: 32, kernel: Extent(3), padding: Extent(1)),
        groups: 8),
      .init(
        convolution: .init(
          source: Shape(channels: 40, height: 7, width: 6), outputs: 120, kernel: Extent(3), stride: Extent(2),
          padding: Extent(1)), groups: 5),
      .init(
        convolution: .init(
          source: Shape(channels: 60, height: 9, width: 8), outputs: 36, kernel: Extent(3), padding: Extent(1)),
        groups: 3, winograd: true),
      .init(
        convolution: .init(images: 5, source: Shape(channels: 21, height: 4, width: 5), outputs: 35, kernel: Extent(1)),
        groups: 7),
      .init(
        convolution: .init(
          source: Shape(channels: 24, height: 6, width: 7), outputs: 96, kernel: Extent(3), padding: Extent(1)),
        groups: 24),
      .init(
        convolution: .init(source: Shape(channels: 2, height: 6, width: 7), outputs: 4, kernel: Extent(2)), groups: 2),
      // Images.
      .init(
        convolution: .init(
          source: Shape(channels: 4, height: 11, width: 9), layout: .interleaved, outputs: 64, kernel: Extent(3),
          stride: Extent(2), padding: Extent(1)), groups: 2),
      .init(
        convolution: .init(
          source: Shape(channels: 3, height: 11, width: 9), layout: .interleaved, outputs: 18, kernel: Extent(3),
          padding: Extent(2), dilation: Extent(2)), groups: 3),
    ]

    /// Every channel alone: edges, strides, dilations, kernels wider than the source.
    static let depthwise: [ConvolutionCase] = [
      .init(source: Shape(channels: 16, height: 9, width: 31), outputs: 16, kernel: Extent(3), padding: Extent(1)),
      .init(
        images: 5, source: Shape(channels: 50, height: 8, width: 13), outputs: 50, kernel: Extent(3),
        stride: Extent(2), padding: Extent(1)),
      .init(source: Shape(channels: 17, height: 7, width: 7), outputs: 17, kernel: Extent(7), padding: Extent(3)),
      .init(
        source: Shape(channels: 33, height: 12, width: 15), outputs: 33, kernel: Extent(3), padding: Extent(2),
        dilation: Extent(2)),
      .init(
        images: 3, source: Shape(channels: 20, height: 14, width: 11), outputs: 20, kernel: Extent(5),
        stride: Extent(rows: 2, columns: 3), padding: Extent(4), dilation: Extent(rows: 3, columns: 2)),
      .init(source: Shape(channels: 3, height: 2, width: 1), outputs: 3, kernel: Extent(3), padding: Extent(1)),
      .init(source: Shape(channels: 16, height: 5, width: 6), outputs: 16, kernel: Extent(2), padding: Extent(3)),
      .init(
        source: Shape(channels: 20, height: 1, width: 40), outputs: 20, kernel: Extent(rows: 1, columns: 9),
        padding: Extent(rows: 0, columns: 4)),
      .init(
        images: 1, source: Shape(channels: 144, height: 5, width: 4), outputs: 144, kernel: Extent(3),
        padding: Extent(1)),
    ]

    @Test(arguments: cases)
    func bundledPasses(_ test: Case) {
      let groups = ConvolutionGroups(test.convolution.shape, groups: test.groups)
      check(test, BundledConvolution(groups) { _ in test.winograd })
    }

    @Test(arguments: depthwise)
    func depthwisePasses(_ test: ConvolutionCase) {
      let groups = ConvolutionGroups(test.shape, groups: test.source.channels)
      check(Case(convolution: test, groups: groups.groups), DepthwiseConvolution(groups))
    }

    /// All passes against the oracle, with bounds as those of convolutions without groups.
    private func check(_ test: Case, _ passes: some GroupedPasses) {
      let data = GroupData(test)
      let convolution = test.convolution
      let start = data.start.packed(in: convolution.layout)
      let run = runEverywhere(scratchFloats: passes.scratchFloats) { processor, memory in
        let source = memory.input(data.source.packed(in: convolution.layout))
        let weights = memory.input(data.mapping.arenaValues(data.weights))
        let bias = memory.input(data.bias, paddedTo: paddedToVector(convolution.outputs))
        let gradient = memory.input(data.outputGradient.packed(in: .blocked))
        let outputFloats = convolution.images * convolution.shape.output.floats(in: .blocked)
        for (bias, rectify) in [(nil, false), (bias, true)] {
          passes.forward(
            on: processor, source: source, weights: weights, bias: bias, rectify: rectify, training: true,
            output: memory.output(outputFloats), workspace: memory.workspace(passes.forwardWorkspaceFloats))
        }
        passes.weightGradient(
          on: processor, source: source, outputGradient: gradient,
          weightGradient: memory.output(passes.groups.weightFloats),
          workspace: memory.workspace(passes.backwardWorkspaceFloats))
        guard convolution.layout == .blocked else { return }
        for (accumulate, target) in [(false, memory.output(start.count)), (true, memory.output(start))] {
          passes.backwardData(
            on: processor, outputGradient: gradient, weights: weights, accumulate: accumulate, sourceGradient: target,
            workspace: memory.workspace(passes.backwardWorkspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let tolerance = test.winograd ? WinogradConvolutions.tolerance : Convolutions.tolerance
      let output = convolution.shape.output
      let outputs = [data.output(bias: false), Oracle.rectify(data.output(bias: true))]
      let outputBound = data.absolute.output(bias: true)
      for (result, expected) in zip(run.results, outputs) {
        #expect(error(result, expected, per: outputBound) < tolerance)
        #expect(paddingIsZero(result, count: convolution.images, shape: output))
      }
      let (gradients, bounds) = (data.gradients, data.absolute.gradients)
      let weights = data.mapping.valuesInFileOrder(run.results[2]).doubles
      let greatest = [Double](repeating: bounds.weights.max() ?? 0, count: weights.count)
      #expect(
        greatestError(weights, gradients.weights, per: test.winograd ? greatest : bounds.weights) < tolerance)
      #expect(data.mapping.paddingIsZero(run.results[2]))
      let sourceBound = Oracle.add(bounds.source, data.start.map(abs))
      for (result, expected) in zip(run.results[3...], [gradients.source, Oracle.add(gradients.source, data.start)]) {
        #expect(error(result, expected, per: sourceBound) < tolerance)
        #expect(paddingIsZero(result, count: convolution.images, shape: convolution.source))
      }
    }

    private func error(_ result: [Float], _ expected: Images, per bound: Images) -> Double {
      let values = Images(count: expected.count, shape: expected.shape, layout: .blocked, floats: result)
      return greatestError(values.values, expected.values, per: bound.values)
    }
  }
}

/// The numbers of one convolution in groups, and what the oracle makes of them.
private struct GroupData {
  let test: KernelTests.Groups.Case
  var source, outputGradient, start: Images
  var weights, bias: [Double]

  init(_ test: KernelTests.Groups.Case) {
    self.test = test
    let convolution = test.convolution
    var numbers = TestNumbers(seed: 6)
    source = numbers.images(convolution.images, convolution.source)
    outputGradient = numbers.images(convolution.images, convolution.shape.output)
    start = numbers.images(convolution.images, convolution.source)
    weights = numbers.array(
      convolution.outputs * convolution.source.channels / test.groups * convolution.kernel.rows
        * convolution.kernel.columns)
    bias = numbers.array(convolution.outputs)
  }

  /// The same with all numbers positive: what errors are measured by.
  var absolute: GroupData {
    var data = self
    data.source = source.map(abs)
    data.outputGradient = outputGradient.map(abs)
    data.weights = weights.map(abs)
    data.bias = bias.map(abs)
    return data
  }

  var mapping: TensorMapping {
    let layer = Convolution(
      test.convolution.outputs, kernel: test.convolution.kernel, groups: test.groups, bias: false)
    return layer.parameters(of: [TensorType(test.convolution.source, test.convolution.layout)])[0].mapping
  }

  func output(bias: Bool) -> Images {
    Oracle.convolution(
      source, weights: weights, bias: bias ? self.bias : nil, outputs: test.convolution.outputs,
      test.convolution.window, groups: test.groups)
  }

  var gradients: (source: Images, weights: [Double], bias: [Double]) {
    Oracle.convolutionGradients(
      source, weights: weights, outputGradient: outputGradient, test.convolution.window, groups: test.groups)
  }
}
