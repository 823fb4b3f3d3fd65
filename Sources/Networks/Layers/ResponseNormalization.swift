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
        of: .squares, images: images, shape: inputs[0].shape, reach: window / 2, bias: bias, alpha: alpha, beta: beta))
  }
}
