import Kernels
public import Tensors

/// Euclidean radial basis units with fixed codes (LeCun et al. 1998, section II.B, the output layer): the output of
/// class k is −Σ (x − code[k])². The negative, so that the nearest code has the greatest logit; cross entropy of it is
/// the paper's equation 9 without its constant j.
///
/// The codes are no parameters.
public struct RadialBasis: Layer {
  public var outputs: Int
  /// One for each class, all of one length; more than `outputs` do no harm.
  public var codes: [[Float]]

  public init(_ outputs: Int, codes: [[Float]]) {
    self.outputs = outputs
    self.codes = codes
  }

  public var kind: String { "radial basis" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    guard outputs <= codes.count else {
      throw ShapeError("there are codes of \(codes.count) classes, not of \(outputs).")
    }
    guard codes.allSatisfy({ Shape(channels: $0.count) == inputs[0] }) else {
      throw ShapeError("codes of \(codes.first?.count ?? 0) values cannot be compared with \(inputs[0]).")
    }
    return Shape(channels: outputs)
  }

  public var fixedValues: Int { codes.prefix(outputs).reduce(0) { $0 + $1.count } }

  public func sliding(over inputs: [TensorType]) throws(ShapeError) -> any Layer {
    throw ShapeError("radial basis units compare one vector with their codes and cannot slide.")
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    RadialBasisOperation(pass: RadialBasisUnits(images: images, codes: Array(codes.prefix(outputs))))
  }
}

struct RadialBasisOperation: Operation {
  let pass: RadialBasisUnits

  var needs: BackwardNeeds { .inputs }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pass.forward(on: processor, source: memory.inputs[0], output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pass.backward(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient, sourceGradient: gradient.floats,
      accumulate: gradient.accumulate)
  }
}
