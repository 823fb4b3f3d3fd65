import Kernels
public import Tensors

/// amplitude · tanh(slope · x), within 2 ulp of the tanh. Its gradient is made of the output.
public struct HyperbolicTangent: PointwiseLayer {
  public var amplitude: Float
  public var slope: Float

  public init(amplitude: Float = 1, slope: Float = 1) {
    self.amplitude = amplitude
    self.slope = slope
  }

  /// 1.7159 · tanh(2x/3), which is ±1 at ±1 (LeCun et al. 1998, appendix A).
  public static let scaled = HyperbolicTangent(amplitude: 1.7159, slope: 2 / 3)

  public var kind: String { amplitude == 1 && slope == 1 ? "tanh" : "scaled tanh" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    guard amplitude != 0 else { throw ShapeError("an amplitude of 0 leaves nothing.") }
    return inputs[0]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    HyperbolicTangentOperation(amplitude: amplitude, slope: slope, count: images * inputs[0].floats)
  }
}

struct HyperbolicTangentOperation: Operation {
  let amplitude: Float
  let slope: Float
  let count: Int

  var needs: BackwardNeeds { .output }
  var inPlaceGradient: Int? { 0 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    processor.hyperbolicTangent(
      memory.inputs[0], amplitude: amplitude, slope: slope, into: memory.output, count: count)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    processor.hyperbolicTangentGradient(
      output: memory.output, outputGradient: memory.outputGradient, amplitude: amplitude, slope: slope,
      into: gradient.floats, count: count, accumulate: gradient.accumulate)
  }
}
