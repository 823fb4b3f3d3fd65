import Kernels
public import Tensors

/// The sum of two tensors of one shape: the residual addition.
public struct Add: RectifiableLayer, PointwiseLayer {
  public var rectify = false

  public init() {}

  public var kind: String { rectify ? "add + relu" : "add" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0] == inputs[1] else { throw ShapeError("\(inputs[0]) and \(inputs[1]) cannot be added.") }
    return inputs[0]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    AddOperation(count: images * inputs[0].floats, rectify: rectify)
  }
}

struct AddOperation: Operation {
  let count: Int
  let rectify: Bool

  var needs: BackwardNeeds { rectify ? .output : [] }
  var inPlaceGradient: Int? { 0 }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    processor.add(memory.inputs[0], memory.inputs[1], rectify: rectify, into: memory.output, count: count)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    for case let gradient? in memory.inputGradients {
      if rectify {
        processor.rectifyGradient(
          output: memory.output, outputGradient: memory.outputGradient, into: gradient.floats, count: count,
          accumulate: gradient.accumulate)
      } else if gradient.accumulate || gradient.floats != memory.outputGradient {
        processor.copy(memory.outputGradient, into: gradient.floats, count: count, accumulate: gradient.accumulate)
      }
    }
  }
}
