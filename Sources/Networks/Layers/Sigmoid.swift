import Kernels
public import Tensors

/// The logistic function 1 / (1 + e^−x), within 3 ulp from x = −87 on. Its gradient is made of the output.
public struct Sigmoid: PointwiseLayer {
  public init() {}

  public var kind: String { "sigmoid" }

  public func output(of inputs: [Shape]) -> Shape { inputs[0] }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    SigmoidOperation(images: images, shape: inputs[0].shape)
  }
}

struct SigmoidOperation: Operation {
  let images: Int
  let shape: Shape

  var needs: BackwardNeeds { .output }
  var inPlaceGradient: Int? { 0 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    processor.sigmoid(memory.inputs[0], into: memory.output, images: images, shape: shape)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    processor.sigmoidGradient(
      output: memory.output, outputGradient: memory.outputGradient, into: gradient.floats,
      count: images * shape.floats(in: .blocked), accumulate: gradient.accumulate)
  }
}
