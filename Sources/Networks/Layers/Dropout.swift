import Kernels
public import Tensors

/// Dropout (Srivastava et al. 2014) as trained networks use it: in training each value is zero with probability `rate`,
/// else divided by 1 − rate; in evaluation the layer is left out.
public struct Dropout: PointwiseLayer {
  public var rate: Float
  /// Tells the dropout layers of a network apart.
  public var number: Int

  public init(rate: Float, number: Int) {
    self.rate = rate
    self.number = number
  }

  public var kind: String { "dropout \(rate)" }

  public func output(of inputs: [Shape]) -> Shape { inputs[0] }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    DropoutOperation(
      pass: Dropping(rate: rate, layer: UInt32(number)), images: images, floats: inputs[0].floats)
  }
}

struct DropoutOperation: Operation {
  let pass: Dropping
  let images: Int
  let floats: Int

  var inPlaceGradient: Int? { 0 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pass.run(
      on: processor, source: memory.inputs[0], output: memory.output, images: images, count: floats,
      draw: memory.random, accumulate: false)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pass.run(
      on: processor, source: memory.outputGradient, output: gradient.floats, images: images, count: floats,
      draw: memory.random, accumulate: gradient.accumulate)
  }
}
