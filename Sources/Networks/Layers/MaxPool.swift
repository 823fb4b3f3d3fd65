import Kernels
public import Tensors

/// The greatest value of each window.
public struct MaxPool: Layer {
  public var windows: PoolWindows

  public init(_ windows: PoolWindows) { self.windows = windows }

  public var kind: String { "max pool \(windows)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let kernel = windows.kernel
    guard Pooling.canTellWinner(of: kernel) else {
      throw ShapeError("a \(kernel.rows)×\(kernel.columns) window of max pooling has more than 256 values.")
    }
    return try windows.output(of: inputs[0])
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    MaxPoolOperation(pooling: windows.pooling(of: inputs[0].shape, images: images))
  }
}

struct MaxPoolOperation: Operation {
  let pooling: Pooling

  var allowsGaps: Bool { true }
  var scratchFloats: Int { pooling.scratchFloats }
  /// One byte per output value: which of its window won.
  var savedFloats: Int { (pooling.winnerBytes + 3) / 4 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pooling.maximum(
      on: processor, source: memory.inputs[0], output: memory.output, outputGap: memory.outputGap,
      winners: memory.training ? winners(memory.saved) : nil)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pooling.maximumGradient(
      on: processor, outputGradient: memory.outputGradient, gradientGap: memory.outputGradientGap,
      winners: winners(memory.saved), sourceGradient: gradient.floats, accumulate: gradient.accumulate)
  }

  private func winners(_ saved: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(saved).assumingMemoryBound(to: UInt8.self)
  }
}
