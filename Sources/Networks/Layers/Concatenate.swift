import Kernels
public import Tensors

/// The channels of several tensors behind each other. All but the last must have a multiple of 16 channels.
public struct Concatenate: Layer {
  public init() {}

  public var kind: String { "concatenate" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let first = inputs[0]
    guard inputs.allSatisfy({ $0.height == first.height && $0.width == first.width }) else {
      throw ShapeError("\(inputs.map(\.description).joined(separator: " and ")) cannot be concatenated.")
    }
    guard inputs.dropLast().allSatisfy({ $0.channels % vectorWidth == 0 }) else {
      throw ShapeError(
        "\(inputs.map(\.description).joined(separator: " and ")) cannot be concatenated: all but the last need a "
          + "multiple of \(vectorWidth) channels.")
    }
    return Shape(channels: inputs.reduce(0) { $0 + $1.channels }, height: first.height, width: first.width)
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    ConcatenateOperation(images: images, floats: inputs.map(\.floats))
  }
}

struct ConcatenateOperation: Operation {
  let images: Int
  /// Of one image of each input.
  let floats: [Int]

  private var outputFloats: Int { floats.reduce(0, +) }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    var offset = 0
    for (input, count) in zip(memory.inputs, floats) {
      processor.copyRows(
        input, stride: count, into: memory.output + offset, stride: outputFloats, rows: images, count: count,
        accumulate: false)
      offset += count
    }
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    var offset = 0
    for (gradient, count) in zip(memory.inputGradients, floats) {
      if let gradient {
        processor.copyRows(
          UnsafePointer(memory.outputGradient) + offset, stride: outputFloats, into: gradient.floats, stride: count,
          rows: images, count: count, accumulate: gradient.accumulate)
      }
      offset += count
    }
  }
}
