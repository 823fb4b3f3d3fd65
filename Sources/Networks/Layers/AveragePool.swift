import Kernels
public import Tensors

/// The mean of each window.
public struct AveragePool: Layer {
  public var windows: PoolWindows
  /// Whether zeros of the padding count as values.
  public var countPadding: Bool

  public init(_ windows: PoolWindows, countPadding: Bool = true) {
    self.windows = windows
    self.countPadding = countPadding
  }

  public var kind: String { "average pool \(windows)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try windows.output(of: inputs[0])
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    AveragePoolOperation(
      pooling: windows.pooling(of: inputs[0].shape, images: images, countPadding: countPadding))
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
    let whole = PoolWindows(kernel: Extent(rows: input.height, columns: input.width))
    return AveragePoolOperation(pooling: whole.pooling(of: input, images: images))
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
