import Kernels
public import Tensors

/// A fully connected layer over all values of its input, which need not be flattened.
public struct Dense: RectifiableLayer, WeightedLayer {
  public var outputs: Int
  public var bias: Bool
  public var rectify = false
  public var weightInitialization: Initializer
  public var biasInitialization: Initializer

  public init(
    _ outputs: Int, bias: Bool = true, weightInitialization: Initializer = .pyTorchDefault,
    biasInitialization: Initializer = .pyTorchDefault
  ) {
    self.outputs = outputs
    self.bias = bias
    self.weightInitialization = weightInitialization
    self.biasInitialization = biasInitialization
  }

  public var kind: String { rectify ? "dense + relu" : "dense" }

  public var readsImages: Bool { true }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let (weights, overflows) = inputs[0].count.multipliedReportingOverflow(by: outputs)
    // Beyond all memory; what is counted of them, such as the FLOPs of a batch, must not overflow.
    guard !overflows, weights <= 1 << 50 else {
      throw ShapeError("a dense layer from \(inputs[0]) to \(outputs) values has more than 2^50 weights.")
    }
    return Shape(channels: outputs)
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let fan = Fan(in: inputs[0].shape.count, out: outputs)
    let weight = ParameterSpec(
      "weight", .weight, .dense(outputs: outputs, source: inputs[0]), weightInitialization(fan))
    guard bias else { return [weight] }
    return [weight, ParameterSpec("bias", .bias, .vector(count: outputs), biasInitialization(fan))]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int { inputs[0].count * outputs }

  /// A convolution whose kernel is the whole input: its weights lie in the arena as the dense layer's do.
  public func sliding(over inputs: [TensorType]) throws(ShapeError) -> any Layer {
    let shape = inputs[0].shape
    var convolution = Convolution(outputs, kernel: Extent(rows: shape.height, columns: shape.width), bias: bias)
    convolution.rectify = rectify
    convolution.algorithm = .direct
    guard convolution.parameters(of: inputs).map(\.mapping.floats) == parameters(of: inputs).map(\.mapping.floats)
    else {
      throw ShapeError(
        "a dense layer on images of \(shape.count) values, which is no multiple of \(vectorWidth), cannot slide.")
    }
    return convolution
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    DenseOperation(
      DenseShape(images: images, features: inputs[0].floats, outputs: outputs), rectify: rectify)
  }
}

struct DenseOperation: Operation {
  let shape: DenseShape
  let rectify: Bool
  let forwardPass: DenseForward
  let backwardPass: DenseBackward

  init(_ shape: DenseShape, rectify: Bool) {
    self.shape = shape
    self.rectify = rectify
    forwardPass = DenseForward(shape)
    backwardPass = DenseBackward(shape)
  }

  var needs: BackwardNeeds { rectify ? [.inputs, .output] : .inputs }
  var forwardWorkspaceFloats: Int { forwardPass.workspaceFloats }
  var backwardWorkspaceFloats: Int { backwardPass.workspaceFloats }
  var scratchFloats: Int { max(forwardPass.scratchFloats, backwardPass.scratchFloats) }

  func algorithm(of pass: Pass) -> String { "gemm" }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    forwardPass.run(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0],
      bias: memory.parameters.count > 1 ? memory.parameters[1] : nil, rectify: rectify, output: memory.output,
      workspace: memory.workspace)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    if rectify {
      processor.rectifyGradient(
        output: memory.output, outputGradient: memory.outputGradient, into: memory.outputGradient,
        count: shape.images * paddedToVector(shape.outputs), accumulate: false)
    }
    let gradient = memory.inputGradients[0]
    backwardPass.run(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient, weights: memory.parameters[0],
      weightGradient: memory.parameterGradients[0],
      biasGradient: memory.parameterGradients.count > 1 ? memory.parameterGradients[1] : nil,
      sourceGradient: gradient?.floats, accumulate: gradient?.accumulate ?? false, workspace: memory.workspace)
  }
}
