import Kernels
import Tensors
import TestSupport
import Workers

/// How far a result is from the exact one.
struct RoundingError {
  /// ‖x − exact‖ / ‖exact‖.
  let relative: Double
  /// The greatest |x − exact|, by the root of the mean of the squares of exact.
  let greatest: Double

  init(_ values: [Double], exact: [Double]) {
    relative = relativeError(values, exact)
    let scale = exact.norm / Double(exact.count).squareRoot()
    greatest = greatestError(values, exact, per: [Double](repeating: scale, count: exact.count))
  }
}

/// The errors of a convolution's passes, direct and by Winograd, on numbers like training's.
struct ConvolutionErrors {
  enum Pass: String, CaseIterable {
    case forward
    case backwardData = "backward-data"
    case weightGradient = "weight-gradient"
  }

  let test: ConvolutionCase
  let direct: [Pass: RoundingError]
  let winograd: [Pass: RoundingError]

  /// `test` must be possible by Winograd.
  init(of test: ConvolutionCase) {
    self.test = test
    let data = ConvolutionData(likeTraining: test)
    let gradients = data.gradients
    let exact: [Pass: [Double]] = [
      .forward:
        Oracle.convolution(data.source, weights: data.weights, bias: nil, outputs: test.outputs, test.window).values,
      .backwardData: gradients.source.values, .weightGradient: gradients.weights,
    ]
    func errors(_ run: (ConvolutionData, Pass, TestMemory, Processor) -> Void) -> [Pass: RoundingError] {
      var errors: [Pass: RoundingError] = [:]
      for (pass, exact) in exact {
        let team = Team(size: 1)
        team.reserveScratch(floats: Self.scratchFloats(test.shape))
        let memory = TestMemory()
        run(data, pass, memory, Processor(team: team))
        errors[pass] = RoundingError(data.values(of: pass, memory.results[0]), exact: exact)
      }
      return errors
    }
    direct = errors(Self.runDirect)
    winograd = errors(Self.runWinograd)
  }

  private static func scratchFloats(_ shape: ConvolutionShape) -> Int {
    [
      ConvolutionForward(shape).scratchFloats, ConvolutionBackwardData(shape).scratchFloats,
      ConvolutionWeightGradient(shape).scratchFloats, Winograd(shape).scratchFloats,
    ].max() ?? 0
  }

  private static func runDirect(
    _ data: ConvolutionData, _ pass: Pass, _ memory: TestMemory, _ processor: Processor
  ) {
    let shape = data.test.shape
    let output = memory.output(data.floats(of: pass))
    switch pass {
    case .forward:
      ConvolutionForward(shape).run(
        on: processor, source: memory.input(data.source.packed(in: .blocked)),
        weights: memory.input(data.packedWeights), bias: nil, rectify: false, output: output)
    case .backwardData:
      let kernel = ConvolutionBackwardData(shape)
      kernel.run(
        on: processor, outputGradient: memory.input(data.outputGradient.packed(in: .blocked)),
        weights: memory.input(data.packedWeights), accumulate: false, sourceGradient: output,
        workspace: memory.workspace(kernel.workspaceFloats))
    case .weightGradient:
      let kernel = ConvolutionWeightGradient(shape)
      kernel.run(
        on: processor, source: memory.input(data.source.packed(in: .blocked)),
        outputGradient: memory.input(data.outputGradient.packed(in: .blocked)), weightGradient: output,
        biasGradient: nil, workspace: memory.workspace(kernel.workspaceFloats))
    }
  }

  private static func runWinograd(
    _ data: ConvolutionData, _ pass: Pass, _ memory: TestMemory, _ processor: Processor
  ) {
    let kernel = Winograd(data.test.shape)
    let output = memory.output(data.floats(of: pass))
    switch pass {
    case .forward:
      kernel.forward(
        on: processor, source: memory.input(data.source.packed(in: .blocked)),
        weights: memory.input(data.packedWeights), bias: nil, rectify: false, training: true,
        output: output,
        workspace: memory.workspace(kernel.forwardWorkspaceFloats))
    case .backwardData:
      kernel.backwardData(
        on: processor, outputGradient: memory.input(data.outputGradient.packed(in: .blocked)),
        weights: memory.input(data.packedWeights), accumulate: false, sourceGradient: output,
        workspace: memory.workspace(kernel.backwardWorkspaceFloats))
    case .weightGradient:
      kernel.weightGradient(
        on: processor, source: memory.input(data.source.packed(in: .blocked)),
        outputGradient: memory.input(data.outputGradient.packed(in: .blocked)), weightGradient: output,
        workspace: memory.workspace(kernel.backwardWorkspaceFloats))
    }
  }
}

extension ConvolutionData {
  /// Rectified normal activations, normal weights of He's deviation, normal gradients.
  init(likeTraining test: ConvolutionCase) {
    var stream = RandomStream(seed: 9, purpose: .test)
    func normal(_ count: Int, deviation: Double) -> [Double] {
      (0..<count).map { _ in Double(Float(deviation * boxMuller(stream.next(), stream.next()).0)) }
    }
    func images(_ shape: Shape) -> Images {
      Images(count: test.images, shape: shape, values: normal(test.images * shape.count, deviation: 1))
    }
    let fanIn = test.source.channels * test.kernel.rows * test.kernel.columns
    self.test = test
    source = Oracle.rectify(images(test.source))
    weights = normal(test.outputs * fanIn, deviation: (2 / Double(fanIn)).squareRoot())
    bias = []
    outputGradient = images(test.shape.output)
    start = Images(count: test.images, shape: test.source)
  }

  /// Floats of a pass's result.
  fileprivate func floats(of pass: ConvolutionErrors.Pass) -> Int {
    switch pass {
    case .forward: test.images * test.shape.output.floats(in: .blocked)
    case .backwardData: test.images * test.source.floats(in: .blocked)
    case .weightGradient: test.shape.weightFloats
    }
  }

  /// A pass's result in the oracle's order.
  fileprivate func values(of pass: ConvolutionErrors.Pass, _ floats: [Float]) -> [Double] {
    switch pass {
    case .forward: Images(count: test.images, shape: test.shape.output, layout: .blocked, floats: floats).values
    case .backwardData: Images(count: test.images, shape: test.source, layout: .blocked, floats: floats).values
    case .weightGradient: mapping.valuesInFileOrder(floats).doubles
    }
  }
}
