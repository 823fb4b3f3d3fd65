import Kernels
public import Tensors

/// A convolution whose weights are not shared: output[k, y, x] = bias[k, y, x] + Σ over channels c and taps (r, s) of
/// weight[y, x, k, c, r, s] · input[c] shifted by (r, s).
///
/// In files the weights have the shape rows × columns × outputs × channels × kernel rows × kernel columns, the bias
/// outputs × rows × columns.
public struct LocallyConnected: RectifiableLayer, WeightedLayer {
  public var channels: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  public var bias: Bool
  public var rectify = false
  public var weightInitialization: Initializer
  public var biasInitialization: Initializer

  public init(
    _ channels: Int, kernel: Extent, stride: Extent = Extent(1), padding: Extent = Extent(0), bias: Bool,
    weightInitialization: Initializer = .he, biasInitialization: Initializer = .zero
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.bias = bias
    self.weightInitialization = weightInitialization
    self.biasInitialization = biasInitialization
  }

  public var kind: String {
    "locally connected \(kernel)\(stride == Extent(1) ? "" : " / \(stride)")\(rectify ? " + relu" : "")"
  }

  public var readsImages: Bool { true }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try Convolution(channels, kernel: kernel, stride: stride, padding: padding, bias: bias).output(of: inputs)
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let output = shape(of: inputs[0], images: 1).output
    let taps = kernel.rows * kernel.columns
    let fan = Fan(in: inputs[0].shape.channels * taps, out: channels * taps)
    let weight = ParameterSpec(
      "weight", .weight,
      .locallyConnected(
        positions: Extent(rows: output.height, columns: output.width), outputs: channels, source: inputs[0],
        kernel: kernel),
      weightInitialization(fan))
    guard bias else { return [weight] }
    return [weight, ParameterSpec("bias", .bias, .image(output), biasInitialization(fan))]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int { shape(of: TensorType(inputs[0]), images: 1).multiplyAdds }

  public func sliding(over inputs: [TensorType]) throws(ShapeError) -> any Layer {
    throw ShapeError("a locally connected layer has other weights at every place and cannot slide.")
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    LocallyConnectedOperation(LocalConvolution(shape(of: inputs[0], images: images)), rectify: rectify)
  }

  private func shape(of input: TensorType, images: Int) -> ConvolutionShape {
    ConvolutionShape(
      images: images, source: input.shape, layout: input.layout, outputChannels: channels, kernel: kernel,
      stride: stride, padding: padding)
  }
}

struct LocallyConnectedOperation: Operation {
  let passes: LocalConvolution
  let rectify: Bool

  init(_ passes: LocalConvolution, rectify: Bool) {
    self.passes = passes
    self.rectify = rectify
  }

  var needs: BackwardNeeds { rectify ? [.inputs, .output] : .inputs }
  var scratchFloats: Int { passes.scratchFloats }

  func algorithm(of pass: Pass) -> String { "gemm" }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    passes.forward(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0],
      bias: memory.parameters.count > 1 ? memory.parameters[1] : nil, rectify: rectify, output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    if rectify {
      processor.rectifyGradient(
        output: memory.output, outputGradient: memory.outputGradient, into: memory.outputGradient,
        count: passes.shape.images * passes.shape.output.floats(in: .blocked), accumulate: false)
    }
    passes.weightGradient(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient,
      weightGradient: memory.parameterGradients[0],
      biasGradient: memory.parameterGradients.count > 1 ? memory.parameterGradients[1] : nil)
    guard let gradient = memory.inputGradients[0] else { return }
    passes.backwardData(
      on: processor, outputGradient: memory.outputGradient, weights: memory.parameters[0],
      accumulate: gradient.accumulate, sourceGradient: gradient.floats)
  }
}
