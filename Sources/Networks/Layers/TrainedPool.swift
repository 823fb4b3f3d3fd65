import Kernels
public import Tensors

/// Sub-sampling as LeNet has it (LeCun et al. 1998, section II.B, layer S2): the values of a window are added,
/// multiplied by a trained coefficient and added to a trained bias, one of each per map. Windows lie side by side.
///
/// Parameters: `weight` and `bias`, one value per channel.
public struct TrainedPool: Layer {
  public var kernel: Extent
  public var weightInitialization: Initializer
  public var biasInitialization: Initializer

  public init(
    kernel: Extent, weightInitialization: Initializer = .leCun, biasInitialization: Initializer = .leCun
  ) {
    self.kernel = kernel
    self.weightInitialization = weightInitialization
    self.biasInitialization = biasInitialization
  }

  public var kind: String { "trained pool \(kernel)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try PoolWindows(kernel: kernel).output(of: inputs[0])
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let channels = TensorMapping.vector(count: inputs[0].shape.channels)
    let fan = Fan(in: kernel.rows * kernel.columns, out: 1)
    return [
      ParameterSpec("weight", .weight, channels, weightInitialization(fan)),
      ParameterSpec("bias", .bias, channels, biasInitialization(fan)),
    ]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    TrainedPoolOperation(pass: TrainedPooling(images: images, source: inputs[0].shape, kernel: kernel))
  }
}

struct TrainedPoolOperation: Operation {
  let pass: TrainedPooling

  var needs: BackwardNeeds { .inputs }
  var backwardWorkspaceFloats: Int { pass.workspaceFloats }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pass.forward(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0], bias: memory.parameters[1],
      output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    let gradient = memory.inputGradients[0]
    pass.backward(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient, weights: memory.parameters[0],
      weightGradient: memory.parameterGradients[0], biasGradient: memory.parameterGradients[1],
      sourceGradient: gradient?.floats, accumulate: gradient?.accumulate ?? false, workspace: memory.workspace)
  }
}
