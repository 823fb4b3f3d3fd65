import Kernels
public import Tensors

/// The parameter-free shortcut of residual networks (He et al. 2015, section 3.3, option A): every `stride`-th pixel,
/// with channels of zeros before and behind.
public struct Subsample: Layer {
  public var channels: Int
  public var stride: Extent

  public init(_ channels: Int, stride: Extent) {
    self.channels = channels
    self.stride = stride
  }

  public var kind: String { "subsample / \(stride)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    guard channels >= input.channels else {
      throw ShapeError("\(input) cannot be brought to \(channels) channels by adding zeros.")
    }
    return size(of: input)
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    let input = inputs[0].shape
    return SubsampleOperation(
      pass: Subsampling(images: images, source: input, output: size(of: input), stride: stride))
  }

  private func size(of input: Shape) -> Shape {
    Shape(
      channels: channels, height: (input.height + stride.rows - 1) / stride.rows,
      width: (input.width + stride.columns - 1) / stride.columns)
  }
}

struct SubsampleOperation: Operation {
  let pass: Subsampling

  /// Only the pixels and channels that are kept are touched; a gradient that is begun is zeroed beside them.
  func traffic(of pass: Pass, on tensors: NodeTensors) -> Traffic {
    let kept = self.pass.images * self.pass.output.pixels * paddedToVector(self.pass.source.channels)
    var read = tensors
    switch pass {
    case .forward: read.inputs = [kept]
    case .backward:
      read.output = kept
      if tensors.gradients == [.accumulated] { read.inputs = [kept] }
    }
    return oneSweep(of: pass, on: read)
  }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pass.forward(on: processor, source: memory.inputs[0], output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pass.backward(
      on: processor, outputGradient: memory.outputGradient, sourceGradient: gradient.floats,
      accumulate: gradient.accumulate)
  }
}
