import Kernels
public import Tensors

/// A fully connected layer over all values of its input, which need not be flattened.
public struct Dense: RectifiableLayer {
  public var outputs: Int
  public var rectify = false
  public var weightInitialization: Initializer
  public var biasInitialization: Initializer

  public init(
    _ outputs: Int, weightInitialization: Initializer = .pyTorchDefault,
    biasInitialization: Initializer = .pyTorchDefault
  ) {
    self.outputs = outputs
    self.weightInitialization = weightInitialization
    self.biasInitialization = biasInitialization
  }

  public var kind: String { rectify ? "dense + relu" : "dense" }

  public var readsImages: Bool { true }

  public func output(of inputs: [Shape]) -> Shape { Shape(channels: outputs) }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let fanIn = inputs[0].shape.count
    return [
      ParameterSpec("weight", .weight, .dense(outputs: outputs, source: inputs[0]), weightInitialization(fanIn)),
      ParameterSpec("bias", .bias, .vector(count: outputs), biasInitialization(fanIn)),
    ]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int { inputs[0].count * outputs }

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
      on: processor, source: memory.inputs[0], weights: memory.parameters[0], bias: memory.parameters[1],
      rectify: rectify, output: memory.output, workspace: memory.workspace)
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
      weightGradient: memory.parameterGradients[0], biasGradient: memory.parameterGradients[1],
      sourceGradient: gradient?.floats, accumulate: gradient?.accumulate ?? false, workspace: memory.workspace)
  }
}
