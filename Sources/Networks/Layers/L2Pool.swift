import Kernels
public import Tensors

/// The norm of each window: √(Σ x²), not the mean's root. Where it is 0 the gradient is 0.
public struct L2Pool: Layer {
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  public var rounding: PoolRounding

  public init(
    kernel: Extent, stride: Extent? = nil, padding: Extent = Extent(0), rounding: PoolRounding = .down
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.rounding = rounding
  }

  public var kind: String { "l2 pool \(kernel) / \(stride)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try rounding.output(of: inputs[0], kernel: kernel, stride: stride, padding: padding)
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    L2PoolOperation(
      pooling: Pooling(
        images: images, source: inputs[0].shape,
        output: rounding.size(of: inputs[0].shape, kernel: kernel, stride: stride, padding: padding), kernel: kernel,
        stride: stride, padding: padding))
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
