import Kernels
public import Tensors

/// Local response normalization across maps (Krizhevsky et al. 2012, section 3.3): with the `window` maps around map c,
/// or as many of them as there are, b[c] = a[c] / (bias + alpha · Σ a²)^beta at each position.
///
/// `alpha` is the paper's, which multiplies the sum. Where others divide it by the window before (PyTorch's
/// `LocalResponseNorm`, Caffe's `LRN`), theirs is `window` · ours: 5e-4 for the paper's 1e-4.
public struct ResponseNormalization: PointwiseLayer {
  /// Maps that count: odd.
  public var window: Int
  /// The paper's k.
  public var bias: Float
  public var alpha: Float
  public var beta: Float

  public init(window: Int = 5, bias: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75) {
    self.window = window
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
  }

  public var kind: String { "response normalization \(window)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try ChannelNormOperation.require(window: window, bias: bias, alpha: alpha)
    return inputs[0]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    ChannelNormOperation(
      pass: ChannelNormalization(
        images: images, shape: inputs[0].shape, reach: window / 2, bias: bias, alpha: alpha, beta: beta, centred: false)
    )
  }
}

/// Both normalizations across maps. What was divided by is not kept: the backward pass computes it again.
struct ChannelNormOperation: Operation {
  let pass: ChannelNormalization

  var needs: BackwardNeeds { .inputs }
  var inPlaceGradient: Int? { 0 }
  var scratchFloats: Int { pass.scratchFloats }

  static func require(window: Int, bias: Float, alpha: Float) throws(ShapeError) {
    guard window > 0, window % 2 == 1 else {
      throw ShapeError("a window of \(window) maps has no middle; take an odd number.")
    }
    guard bias > 0, alpha >= 0 else {
      throw ShapeError("bias \(bias) must be above 0 and alpha \(alpha) not below, or maps of zeros are divided by 0.")
    }
  }

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
