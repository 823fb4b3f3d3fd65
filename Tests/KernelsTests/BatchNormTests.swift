import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Batch normalization matches the oracle", .serialized)
  struct BatchNorms {
    struct Case: CustomTestStringConvertible {
      var images: Int
      var shape: Shape
      var rectify = false
      var residual = false
      /// Of the source; the running mean is zero.
      var mean = 0.0
      var testDescription: String {
        "\(images)× \(shape)\(residual ? " + residual" : "")\(rectify ? " + relu" : ""), mean \(mean)"
      }
    }

    static let cases: [Case] =
      [
        (1, Shape(channels: 16, height: 4, width: 4)), (2, Shape(channels: 1, height: 1, width: 1)),
        (2, Shape(channels: 3, height: 5, width: 7)), (5, Shape(channels: 17, height: 3, width: 3)),
        (3, Shape(channels: 50, height: 7, width: 9)), (2, Shape(channels: 20, height: 1, width: 2)),
        (1, Shape(channels: 64, height: 13, width: 11)),
      ].flatMap { images, shape in
        [(false, false), (true, false), (false, true), (true, true)].map { rectify, residual in
          Case(images: images, shape: shape, rectify: rectify, residual: residual)
        }
      } + [30, -1000].map { Case(images: 4, shape: Shape(channels: 17, height: 9, width: 9), mean: $0) }

    @Test(arguments: cases)
    func training(_ test: Case) {
      let data = Data(test)
      let pass = BatchNormalization(images: test.images, shape: test.shape, epsilon: 1e-5, rectify: test.rectify)
      let count = test.images * test.shape.floats(in: .blocked)
      let run = runEverywhere { processor, memory in
        let source = memory.input(data.source.packed(in: .blocked))
        let residual = test.residual ? memory.input(data.residual.packed(in: .blocked)) : nil
        let parameters = data.parameters(memory, pass)
        let output = memory.output(count)
        let statistics = BatchNormalization.Statistics(
          mean: memory.output(pass.channelFloats), inverseDeviation: memory.output(pass.channelFloats),
          normalization: memory.workspace(pass.normalizationFloats),
          batchMean: memory.output(pass.channelFloats), batchVariance: memory.output(pass.channelFloats))
        pass.forward(
          on: processor, source: source, residual: residual, parameters: parameters, statistics: statistics,
          output: output, workspace: memory.workspace(pass.workspaceFloats))
        for accumulate in [false, true] {
          let sourceGradient = accumulate ? memory.output(data.start.packed(in: .blocked)) : memory.output(count)
          let residualGradient = accumulate ? memory.output(data.start.packed(in: .blocked)) : memory.output(count)
          pass.backward(
            on: processor, source: source, output: output,
            outputGradient: memory.input(data.outputGradient.packed(in: .blocked)), parameters: parameters,
            mean: statistics.mean, inverseDeviation: statistics.inverseDeviation,
            normalization: statistics.normalization,
            gradients: BatchNormalization.Gradients(
              source: sourceGradient, accumulateSource: accumulate, residual: test.residual ? residualGradient : nil,
              accumulateResidual: accumulate, scale: memory.output(pass.channelFloats),
              shift: memory.output(pass.channelFloats)),
            workspace: memory.workspace(pass.workspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      check(run, test, data)
    }

    /// Results: output, mean, inverse deviation, batch mean, batch variance; then twice source gradient, residual
    /// gradient, scale gradient, shift gradient: written, and added to `start`.
    private func check(_ run: EverywhereRun, _ test: Case, _ data: Data) {
      let channels = test.shape.channels
      func channelValues(_ index: Int) -> [Double] { run.results[index].prefix(channels).map(Double.init) }
      func images(_ index: Int) -> Images {
        Images(count: test.images, shape: test.shape, layout: .blocked, floats: run.results[index])
      }
      let moments = Oracle.moments(data.source)
      // What a float of this mean can tell at all.
      let tolerance = 2e-6 + 1e-7 * abs(test.mean)
      let expected = data.output
      #expect(relativeError(images(0).values, expected.values) < tolerance)
      #expect(relativeError(channelValues(1), moments.mean) < 2e-6)
      #expect(relativeError(channelValues(2), moments.variance.map { 1 / ($0 + 1e-5).squareRoot() }) < 2e-6)
      #expect(relativeError(channelValues(3), moments.mean) < 2e-6)
      if moments.count > 1 { #expect(relativeError(channelValues(4), moments.unbiasedVariance) < 4e-6) }
      for index in [0, 5, 9] { #expect(paddingIsZero(run.results[index], count: test.images, shape: test.shape)) }
      for index in [1, 3, 4, 7, 8] { #expect(run.results[index].dropFirst(channels).allSatisfy { $0 == 0 }) }

      // The mask of the kernel's own output: near zero the oracle's may differ.
      let masked =
        test.rectify
        ? Oracle.rectifyGradient(output: images(0), outputGradient: data.outputGradient) : data.outputGradient
      let gradients = Oracle.normalizeGradients(data.source, scale: data.scale, epsilon: 1e-5, outputGradient: masked)
      // With two values per channel all gradients cancel.
      let bound = tolerance * (masked.values.norm * (moments.variance.map { 1 / ($0 + 1e-5).squareRoot() }.max() ?? 1))
      func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { $0 - $1 }.norm }
      #expect(distance(images(5).values, gradients.source.values) <= 4 * bound)
      #expect(
        distance(images(9).values, Oracle.add(gradients.source, data.start).values) <= 4 * bound + 1e-6
          * data.start.values.norm)
      for (scale, shift) in [(7, 8), (11, 12)] {
        #expect(distance(channelValues(scale), gradients.scale) <= bound + tolerance * gradients.scale.norm)
        #expect(distance(channelValues(shift), gradients.shift) <= 1e-6 * masked.values.map(abs).reduce(0, +))
      }
      guard test.residual else { return }
      #expect(images(6) == masked)
      #expect(relativeError(images(10).values, Oracle.add(masked, data.start).values) < 1e-6)
    }

    @Test(arguments: cases)
    func evaluation(_ test: Case) {
      let data = Data(test)
      let pass = BatchNormalization(images: test.images, shape: test.shape, epsilon: 1e-3, rectify: test.rectify)
      var numbers = TestNumbers(seed: 21)
      let moments = Oracle.Moments(
        mean: numbers.array(test.shape.channels), variance: numbers.array(test.shape.channels, 0.1, 2), count: 1)
      let run = runEverywhere { processor, memory in
        var parameters = data.parameters(memory, pass)
        parameters.runningMean = memory.input(moments.mean, paddedTo: pass.channelFloats)
        parameters.runningVariance = memory.input(moments.variance, paddedTo: pass.channelFloats)
        pass.forward(
          on: processor, source: memory.input(data.source.packed(in: .blocked)),
          residual: test.residual ? memory.input(data.residual.packed(in: .blocked)) : nil, parameters: parameters,
          statistics: nil, output: memory.output(test.images * test.shape.floats(in: .blocked)),
          workspace: memory.workspace(pass.workspaceFloats))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      var expected = Oracle.normalize(data.source, moments, scale: data.scale, shift: data.shift, epsilon: 1e-3)
      if test.residual { expected = Oracle.add(expected, data.residual) }
      if test.rectify { expected = Oracle.rectify(expected) }
      let output = Images(count: test.images, shape: test.shape, layout: .blocked, floats: run.results[0])
      #expect(relativeError(output.values, expected.values) < 1e-6)
      #expect(paddingIsZero(run.results[0], count: test.images, shape: test.shape))
    }

    /// The gradient of the source, or of the residual, may be written over the output's: the same bits.
    @Test(arguments: [true, false], [true, false])
    func gradientsInPlace(rectify: Bool, residual: Bool) {
      let test = Case(images: 3, shape: Shape(channels: 17, height: 3, width: 5), rectify: rectify, residual: residual)
      let data = Data(test)
      let pass = BatchNormalization(images: 3, shape: test.shape, epsilon: 1e-5, rectify: rectify)
      let count = 3 * test.shape.floats(in: .blocked)
      let run = runEverywhere { processor, memory in
        let source = memory.input(data.source.packed(in: .blocked))
        let parameters = data.parameters(memory, pass)
        let output = memory.workspace(count)
        let statistics = BatchNormalization.Statistics(
          mean: memory.workspace(pass.channelFloats), inverseDeviation: memory.workspace(pass.channelFloats),
          normalization: memory.workspace(pass.normalizationFloats),
          batchMean: memory.workspace(pass.channelFloats), batchVariance: memory.workspace(pass.channelFloats))
        pass.forward(
          on: processor, source: source, residual: residual ? memory.input(data.residual.packed(in: .blocked)) : nil,
          parameters: parameters, statistics: statistics, output: output,
          workspace: memory.workspace(pass.workspaceFloats))
        for inPlace in [false, true] {
          let outputGradient = memory.output(data.outputGradient.packed(in: .blocked))
          let other = memory.output(count)
          let sourceGradient = inPlace && !residual ? outputGradient : other
          let residualGradient = inPlace ? outputGradient : memory.output(count)
          pass.backward(
            on: processor, source: source, output: output, outputGradient: UnsafePointer(outputGradient),
            parameters: parameters, mean: statistics.mean, inverseDeviation: statistics.inverseDeviation,
            normalization: statistics.normalization,
            gradients: BatchNormalization.Gradients(
              source: sourceGradient, accumulateSource: false, residual: residual ? residualGradient : nil,
              accumulateResidual: false, scale: memory.output(pass.channelFloats),
              shift: memory.output(pass.channelFloats)),
            workspace: memory.workspace(pass.workspaceFloats))
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      // Apart: output's gradient, source's, residual's (or unused), scale's, shift's. In place: output's, other, …
      let apart = run.results.prefix(5)
      let inPlace = run.results.dropFirst(5).map { $0 }
      #expect(apart[0] == data.outputGradient.packed(in: .blocked))
      #expect(inPlace[0] == (residual ? apart[2] : apart[1]))
      if residual { #expect(inPlace[1] == apart[1]) }
      #expect(Array(inPlace.suffix(2)) == Array(apart.suffix(2)))
    }

    /// Where a network adds its own input to its normalization, both gradients go to one place.
    @Test(arguments: [true, false])
    func residualIsTheSource(rectify: Bool) {
      let test = Case(images: 2, shape: Shape(channels: 17, height: 3, width: 5), rectify: rectify, residual: true)
      let data = Data(test)
      let pass = BatchNormalization(images: 2, shape: test.shape, epsilon: 1e-5, rectify: rectify)
      let run = runEverywhere { processor, memory in
        let source = memory.input(data.source.packed(in: .blocked))
        let parameters = data.parameters(memory, pass)
        let output = memory.output(2 * test.shape.floats(in: .blocked))
        let statistics = BatchNormalization.Statistics(
          mean: memory.workspace(pass.channelFloats), inverseDeviation: memory.workspace(pass.channelFloats),
          normalization: memory.workspace(pass.normalizationFloats),
          batchMean: memory.workspace(pass.channelFloats), batchVariance: memory.workspace(pass.channelFloats))
        pass.forward(
          on: processor, source: source, residual: source, parameters: parameters, statistics: statistics,
          output: output,
          workspace: memory.workspace(pass.workspaceFloats))
        let both = memory.output(2 * test.shape.floats(in: .blocked))
        pass.backward(
          on: processor, source: source, output: output,
          outputGradient: memory.input(data.outputGradient.packed(in: .blocked)), parameters: parameters,
          mean: statistics.mean, inverseDeviation: statistics.inverseDeviation,
          normalization: statistics.normalization,
          gradients: BatchNormalization.Gradients(
            source: both, accumulateSource: false, residual: both, accumulateResidual: true,
            scale: memory.output(pass.channelFloats), shift: memory.output(pass.channelFloats)),
          workspace: memory.workspace(pass.workspaceFloats))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let output = Images(count: 2, shape: test.shape, layout: .blocked, floats: run.results[0])
      let masked =
        rectify ? Oracle.rectifyGradient(output: output, outputGradient: data.outputGradient) : data.outputGradient
      let gradient = Oracle.normalizeGradients(data.source, scale: data.scale, epsilon: 1e-5, outputGradient: masked)
      let result = Images(count: 2, shape: test.shape, layout: .blocked, floats: run.results[1])
      #expect(relativeError(result.values, Oracle.add(gradient.source, masked).values) < 4e-6)
    }
  }
}

/// The numbers of one case.
private struct Data {
  let test: KernelTests.BatchNorms.Case
  let source, residual, outputGradient, start: Images
  let scale, shift: [Double]

  init(_ test: KernelTests.BatchNorms.Case) {
    self.test = test
    var numbers = TestNumbers(seed: 13)
    source = numbers.images(test.images, test.shape, test.mean - 1, test.mean + 1)
    residual = numbers.images(test.images, test.shape)
    outputGradient = numbers.images(test.images, test.shape)
    start = numbers.images(test.images, test.shape)
    scale = numbers.array(test.shape.channels, 0.5, 1.5)
    shift = numbers.array(test.shape.channels)
  }

  /// Running mean 0 and variance 1.
  func parameters(_ memory: TestMemory, _ pass: BatchNormalization) -> BatchNormalization.Parameters {
    let channels = test.shape.channels
    return BatchNormalization.Parameters(
      scale: memory.input(scale, paddedTo: pass.channelFloats),
      shift: memory.input(shift, paddedTo: pass.channelFloats),
      runningMean: memory.input([], paddedTo: pass.channelFloats),
      runningVariance: memory.input([Double](repeating: 1, count: channels), paddedTo: pass.channelFloats))
  }

  /// Of training.
  var output: Images {
    var output = Oracle.normalize(source, Oracle.moments(source), scale: scale, shift: shift, epsilon: 1e-5)
    if test.residual { output = Oracle.add(output, residual) }
    return test.rectify ? Oracle.rectify(output) : output
  }
}
