import Kernels
public import Tensors

/// The norm of each window: √(Σ x²), not the mean's root. Where it is 0 the gradient is 0.
public struct L2Pool: Layer {
  public var windows: PoolWindows

  public init(_ windows: PoolWindows) { self.windows = windows }

  public var kind: String { "l2 pool \(windows)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try windows.output(of: inputs[0])
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    L2PoolOperation(pooling: windows.pooling(of: inputs[0].shape, images: images))
  }
}

struct L2PoolOperation: Operation {
  let pooling: Pooling

  var needs: BackwardNeeds { [.inputs, .output] }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pooling.norm(on: processor, source: memory.inputs[0], output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pooling.normGradient(
      on: processor, source: memory.inputs[0], output: memory.output, outputGradient: memory.outputGradient,
      sourceGradient: gradient.floats, accumulate: gradient.accumulate)
  }
}
