import Kernels
public import Tensors

/// max(0, x).
public struct ReLU: PointwiseLayer {
  public init() {}

  public var kind: String { "relu" }

  public func output(of inputs: [Shape]) -> Shape { inputs[0] }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    ReLUOperation(count: images * inputs[0].floats)
  }
}

struct ReLUOperation: Operation {
  let count: Int

  var needs: BackwardNeeds { .output }
  var inPlaceGradient: Int? { 0 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    processor.rectify(memory.inputs[0], into: memory.output, count: count)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    processor.rectifyGradient(
      output: memory.output, outputGradient: memory.outputGradient, into: gradient.floats, count: count,
      accumulate: gradient.accumulate)
  }
}
