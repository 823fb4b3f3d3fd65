import Kernels
public import Tensors

/// The mean of each window.
public struct AveragePool: Layer {
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  public var rounding: PoolRounding
  /// Whether zeros of the padding count as values.
  public var countPadding: Bool

  public init(
    kernel: Extent, stride: Extent? = nil, padding: Extent = Extent(0), rounding: PoolRounding = .down,
    countPadding: Bool = true
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.rounding = rounding
    self.countPadding = countPadding
  }

  public var kind: String { "average pool \(kernel) / \(stride)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try rounding.output(of: inputs[0], kernel: kernel, stride: stride, padding: padding)
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    AveragePoolOperation(
      pooling: Pooling(
        images: images, source: inputs[0].shape,
        output: rounding.size(of: inputs[0].shape, kernel: kernel, stride: stride, padding: padding), kernel: kernel,
        stride: stride, padding: padding, countPadding: countPadding))
  }
}

/// The mean of each channel over all pixels.
public struct GlobalAveragePool: Layer {
  public init() {}

  public var kind: String { "global average pool" }

  public var fixesSize: Bool { true }

  public func output(of inputs: [Shape]) -> Shape { Shape(channels: inputs[0].channels) }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    let input = inputs[0].shape
    let window = Extent(rows: input.height, columns: input.width)
    return AveragePoolOperation(
      pooling: Pooling(
        images: images, source: input, output: Shape(channels: input.channels), kernel: window, stride: window,
        padding: Extent(0)))
  }
}

/// The means of `rows` × `columns` windows that share out the input evenly, whatever its size (PyTorch's adaptive
/// pooling).
public struct AdaptiveAveragePool: Layer {
  public var size: Extent

  public init(_ size: Extent) { self.size = size }

  public var kind: String { "adaptive average pool" }

  public var fixesSize: Bool { true }

  public func output(of inputs: [Shape]) -> Shape {
    Shape(channels: inputs[0].channels, height: size.rows, width: size.columns)
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    AveragePoolOperation(
      pooling: Pooling(images: images, source: inputs[0].shape, adaptiveTo: output(of: inputs.map(\.shape))))
  }
}

struct AveragePoolOperation: Operation {
  let pooling: Pooling

  var allowsGaps: Bool { true }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pooling.average(on: processor, source: memory.inputs[0], output: memory.output, outputGap: memory.outputGap)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pooling.averageGradient(
      on: processor, outputGradient: memory.outputGradient, gradientGap: memory.outputGradientGap,
      sourceGradient: gradient.floats, accumulate: gradient.accumulate)
  }
}
