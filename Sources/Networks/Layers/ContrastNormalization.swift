import Kernels
public import Tensors

/// Local contrast normalization across maps: with the `window` maps around map c, or as many of them as there are, and
/// m their mean at each position, b[c] = a[c] / (bias + alpha / window · Σ (a − m)²)^beta.
///
/// It is cuda-convnet's "local contrast normalization" (its LayerParams page: the divisor is made of the variance of
/// the neighbourhood instead of its sum of squares; the mean is taken over the neighbourhood of c for all its terms,
/// and what is divided keeps its mean) with the neighbourhood that Zeiler and Fergus 2013 have (figure 3: "contrast
/// normalized across feature maps"). They give no constants; the defaults are those of Krizhevsky et al. 2012, whose
/// network theirs is made from: k = 2, 1e-4 for each neighbour and 0.75.
public struct ContrastNormalization: PointwiseLayer {
  /// Maps that count: odd.
  public var window: Int
  public var bias: Float
  /// Divided by the window, as in cuda-convnet.
  public var alpha: Float
  public var beta: Float

  public init(window: Int = 5, bias: Float = 2, alpha: Float = 5e-4, beta: Float = 0.75) {
    self.window = window
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
  }

  public var kind: String { "contrast normalization \(window)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    try ChannelNormOperation.require(window: window, bias: bias, alpha: alpha)
    return inputs[0]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    ChannelNormOperation(
      pass: ChannelNormalization(
        of: .squaredDeviations, images: images, shape: inputs[0].shape, reach: window / 2, bias: bias,
        alpha: alpha / Float(window), beta: beta))
  }
}
