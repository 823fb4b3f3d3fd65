import Kernels
public import Tensors

/// The channels of several tensors behind each other. All but the last must have a multiple of 16 channels.
///
/// So each of them is whole blocks of an image of the output, and a plan may let it be computed there.
public struct Concatenate: PointwiseLayer {
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
    let floats = inputs.map(\.floats)
    return ConcatenateOperation(
      images: images, floats: floats, offsets: floats.indices.map { floats[..<$0].reduce(0, +) },
      outputFloats: floats.reduce(0, +))
  }
}

struct ConcatenateOperation: Operation {
  let images: Int
  /// Of one image of each input.
  let floats: [Int]

  /// Where each begins in an image of the output.
  let offsets: [Int]
  let outputFloats: Int

  var allowsGaps: Bool { true }
  var partOffsets: [Int]? { offsets }

  /// What is in its place is not touched.
  func traffic(of pass: Pass, on tensors: NodeTensors) -> Traffic {
    var traffic = Traffic()
    for (place, floats) in tensors.inputs.enumerated() where !tensors.joined[place] {
      if pass == .backward, tensors.gradients[place] == .absent { continue }
      traffic.read(floats: floats)
      if pass == .backward, tensors.gradients[place] == .accumulated { traffic.read(floats: floats) }
      traffic.write(floats: floats)
    }
    return traffic
  }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    for (input, (count, offset)) in zip(memory.inputs, zip(floats, offsets)) {
      let part = memory.output + offset
      guard input != UnsafePointer(part) else { continue }
      processor.copyRows(
        input, stride: count, into: part, stride: outputFloats + memory.outputGap, rows: images, count: count,
        accumulate: false)
    }
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    for (gradient, (count, offset)) in zip(memory.inputGradients, zip(floats, offsets)) {
      let part = memory.outputGradient + offset
      guard let gradient, gradient.floats != part else { continue }
      processor.copyRows(
        UnsafePointer(part), stride: outputFloats + memory.outputGradientGap, into: gradient.floats, stride: count,
        rows: images, count: count, accumulate: gradient.accumulate)
    }
  }
}
