package import Kernels
public import Tensors

/// A convolution: output[k] = bias[k] + Σ over channels c and taps (r, s) of weight[k, c, r, s] · input[c] shifted by
/// (r, s).
///
/// It is a correlation, as everywhere in the field: the kernel is not turned.
public struct Convolution: RectifiableLayer {
  public var channels: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  public var bias: Bool
  public var rectify = false
  public var algorithm = ConvolutionAlgorithm.auto
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
    "convolution \(kernel)\(stride == Extent(1) ? "" : " / \(stride)")\(rectify ? " + relu" : "")"
  }

  public var readsImages: Bool { true }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    guard input.height + 2 * padding.rows >= kernel.rows, input.width + 2 * padding.columns >= kernel.columns else {
      throw ShapeError("a \(kernel.rows)×\(kernel.columns) kernel does not fit into \(input) with padding \(padding).")
    }
    return shape(of: TensorType(input), images: 1).output
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let fanIn = inputs[0].shape.channels * kernel.rows * kernel.columns
    let weight = ParameterSpec(
      "weight", .weight, .convolution(outputs: channels, source: inputs[0], kernel: kernel), weightInitialization(fanIn)
    )
    guard bias else { return [weight] }
    return [weight, ParameterSpec("bias", .bias, .vector(count: channels), biasInitialization(fanIn))]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int {
    shape(of: TensorType(inputs[0]), images: 1).multiplyAdds
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    let shape = shape(of: inputs[0], images: images)
    return algorithm.usesWinograd(shape)
      ? WinogradOperation(shape, rectify: rectify) : ConvolutionOperation(shape, rectify: rectify)
  }

  private func shape(of input: TensorType, images: Int) -> ConvolutionShape {
    ConvolutionShape(
      images: images, source: input.shape, layout: input.layout, outputChannels: channels, kernel: kernel,
      stride: stride,
      padding: padding)
  }
}

/// How convolutions are computed. A choice by shape alone: it changes the last bits of results.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// Winograd where it pays.
  case auto
  case direct
  /// Winograd wherever it is possible.
  case winograd

  package func usesWinograd(_ shape: ConvolutionShape) -> Bool {
    switch self {
    case .auto: Winograd.isWorthwhile(shape)
    case .direct: false
    case .winograd: Winograd.isPossible(shape)
    }
  }
}

struct ConvolutionOperation: Operation {
  let shape: ConvolutionShape
  let rectify: Bool
  let forwardPass: ConvolutionForward
  let weightPass: ConvolutionWeightGradient
  /// Nil for the first layer: images have no gradient.
  let dataPass: ConvolutionBackwardData?

  init(_ shape: ConvolutionShape, rectify: Bool) {
    self.shape = shape
    self.rectify = rectify
    forwardPass = ConvolutionForward(shape)
    weightPass = ConvolutionWeightGradient(shape)
    dataPass = shape.layout == .blocked ? ConvolutionBackwardData(shape) : nil
  }

  var needs: BackwardNeeds { rectify ? [.inputs, .output] : .inputs }
  var allowsGaps: Bool { true }
  var backwardWorkspaceFloats: Int { max(weightPass.workspaceFloats, dataPass?.workspaceFloats ?? 0) }
  var scratchFloats: Int {
    max(forwardPass.scratchFloats, weightPass.scratchFloats, dataPass?.scratchFloats ?? 0)
  }

  func algorithm(of pass: Pass) -> String { "direct" }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    forwardPass.run(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0],
      bias: memory.parameters.count > 1 ? memory.parameters[1] : nil, rectify: rectify, output: memory.output,
      outputGap: memory.outputGap)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    if rectify { memory.rectifyGradient(of: shape, on: processor) }
    weightPass.run(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient,
      gradientGap: memory.outputGradientGap, weightGradient: memory.parameterGradients[0],
      biasGradient: memory.parameterGradients.count > 1 ? memory.parameterGradients[1] : nil,
      workspace: memory.workspace)
    guard let dataPass, let gradient = memory.inputGradients[0] else { return }
    dataPass.run(
      on: processor, outputGradient: memory.outputGradient, gradientGap: memory.outputGradientGap,
      weights: memory.parameters[0], accumulate: gradient.accumulate, sourceGradient: gradient.floats,
      workspace: memory.workspace)
  }
}

struct WinogradOperation: Operation {
  let shape: ConvolutionShape
  let rectify: Bool
  let winograd: Winograd

  init(_ shape: ConvolutionShape, rectify: Bool) {
    self.shape = shape
    self.rectify = rectify
    winograd = Winograd(shape)
  }

  var needs: BackwardNeeds { rectify ? [.inputs, .output] : .inputs }
  var allowsGaps: Bool { true }
  var forwardWorkspaceFloats: Int { winograd.forwardWorkspaceFloats }
  var backwardWorkspaceFloats: Int { winograd.backwardWorkspaceFloats }
  var scratchFloats: Int { winograd.scratchFloats }

  /// Outputs and kernel of a tile, which has 6 × 6 places.
  func algorithm(of pass: Pass) -> String {
    let kernel = shape.kernel.rows
    return "winograd \(7 - kernel)x\(7 - kernel) \(kernel)x\(kernel)"
  }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    winograd.forward(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0],
      bias: memory.parameters.count > 1 ? memory.parameters[1] : nil, rectify: rectify, training: memory.training,
      output: memory.output, outputGap: memory.outputGap, workspace: memory.workspace)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    if rectify { memory.rectifyGradient(of: shape, on: processor) }
    winograd.weightGradient(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient,
      gradientGap: memory.outputGradientGap, weightGradient: memory.parameterGradients[0], workspace: memory.workspace)
    if memory.parameterGradients.count > 1 {
      processor.biasGradient(
        shape, outputGradient: memory.outputGradient, gradientGap: memory.outputGradientGap,
        into: memory.parameterGradients[1])
    }
    guard let gradient = memory.inputGradients[0] else { return }
    winograd.backwardData(
      on: processor, outputGradient: memory.outputGradient, gradientGap: memory.outputGradientGap,
      weights: memory.parameters[0], accumulate: gradient.accumulate, sourceGradient: gradient.floats,
      workspace: memory.workspace)
  }
}

extension BackwardMemory {
  /// Puts the gradient behind a convolution's rectifier in the place of the output's.
  fileprivate func rectifyGradient(of shape: ConvolutionShape, on processor: Processor) {
    processor.rectifyGradient(
      output: output, outputGap: outputGap, outputGradient: outputGradient, into: outputGradient,
      gradientGap: outputGradientGap, rows: shape.images, count: shape.output.floats(in: .blocked), accumulate: false)
  }
}
