package import Kernels
public import Tensors

/// A convolution: output[k] = bias[k] + Σ over channels c and taps (r, s) of weight[k, c, r, s] · input[c] shifted by
/// (r, s). With groups, c counts the channels of k's group alone.
///
/// It is a correlation, as everywhere in the field: the kernel is not turned.
public struct Convolution: RectifiableLayer, WeightedLayer {
  public var channels: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  /// Source pixels from one tap of the kernel to the next: 1 for taps side by side.
  public var dilation: Extent
  /// Groups of channels that do not see each other; they divide the channels of input and output.
  public var groups: Int
  public var bias: Bool
  public var rectify = false
  public var algorithm = ConvolutionAlgorithm.auto
  public var weightInitialization: Initializer
  public var biasInitialization: Initializer

  public init(
    _ channels: Int, kernel: Extent, stride: Extent = Extent(1), padding: Extent = Extent(0),
    dilation: Extent = Extent(1), groups: Int = 1, bias: Bool,
    weightInitialization: Initializer = .he, biasInitialization: Initializer = .zero
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
    self.weightInitialization = weightInitialization
    self.biasInitialization = biasInitialization
  }

  public var kind: String {
    "convolution \(kernel)\(stride == Extent(1) ? "" : " / \(stride)")"
      + "\(dilation == Extent(1) ? "" : ", dilation \(dilation)")"
      + "\(groups == 1 ? "" : ", \(groups) groups")\(rectify ? " + relu" : "")"
  }

  public var readsImages: Bool { true }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    for (name, extent, least) in [
      ("kernel", kernel, 1), ("stride", stride, 1), ("dilation", dilation, 1), ("padding", padding, 0),
    ] where min(extent.rows, extent.columns) < least {
      throw ShapeError("a \(name) of \(extent) is not possible; it must be at least \(least).")
    }
    guard groups > 0, input.channels.isMultiple(of: groups), channels.isMultiple(of: groups) else {
      throw ShapeError("\(input.channels) channels and \(channels) outputs cannot be cut into \(groups) groups.")
    }
    let reach = ConvolutionShape.reach(of: kernel, dilation: dilation)
    guard input.height + 2 * padding.rows >= reach.rows, input.width + 2 * padding.columns >= reach.columns else {
      let dilated = dilation == Extent(1) ? "" : " of dilation \(dilation)"
      throw ShapeError(
        "a \(kernel.rows)×\(kernel.columns) kernel\(dilated) does not fit into \(input.wholeDescription) with padding "
          + "\(padding)."
      )
    }
    return shape(of: TensorType(input), images: 1).output
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let source = weightSource(of: inputs[0])
    let taps = kernel.rows * kernel.columns
    let fan = Fan(in: source.shape.channels * taps, out: channels / groups * taps)
    let weight = ParameterSpec(
      "weight", .weight, .convolution(outputs: channels, source: source, kernel: kernel), weightInitialization(fan))
    guard bias else { return [weight] }
    return [weight, ParameterSpec("bias", .bias, .vector(count: channels), biasInitialization(fan))]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int {
    grouped(TensorType(inputs[0]), images: 1).multiplyAdds
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    guard groups == 1 else { return groupedOperation(grouped(inputs[0], images: images)) }
    let shape = shape(of: inputs[0], images: images)
    return algorithm.usesWinograd(shape)
      ? WinogradOperation(shape, rectify: rectify) : ConvolutionOperation(shape, rectify: rectify)
  }

  /// The kernel with `step` times its dilation.
  public func spread(by step: Extent) throws(ShapeError) -> any Layer {
    guard stride == Extent(1) else {
      throw ShapeError("\(kind) cannot take places that lie \(step) apart, as it has a stride.")
    }
    var spread = self
    spread.dilation = Extent(rows: dilation.rows * step.rows, columns: dilation.columns * step.columns)
    spread.padding = Extent(rows: padding.rows * step.rows, columns: padding.columns * step.columns)
    return spread
  }

  private func grouped(_ input: TensorType, images: Int) -> ConvolutionGroups {
    ConvolutionGroups(shape(of: input, images: images), groups: groups)
  }

  /// What a weight sees: the source channels of a group, in blocks only where groups are whole blocks.
  private func weightSource(of input: TensorType) -> TensorType {
    guard groups > 1 else { return input }
    let groups = grouped(input, images: 1)
    let source = Shape(channels: groups.channels, height: input.shape.height, width: input.shape.width)
    return TensorType(source, groups.isAligned ? .blocked : .interleaved)
  }

  private func groupedOperation(_ groups: ConvolutionGroups) -> any Operation {
    if groups.isDepthwise { return GroupedConvolutionOperation(DepthwiseConvolution(groups), rectify: rectify) }
    let passes = BundledConvolution(groups, usesWinograd: algorithm.usesWinograd)
    return GroupedConvolutionOperation(passes, rectify: rectify)
  }

  private func shape(of input: TensorType, images: Int) -> ConvolutionShape {
    ConvolutionShape(
      images: images, source: input.shape, layout: input.layout, outputChannels: channels, kernel: kernel,
      stride: stride, padding: padding, dilation: dilation)
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

  func algorithm(of pass: Pass) -> String { winograd.name }

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
