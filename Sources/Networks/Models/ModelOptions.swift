import Tensors

/// What a run may choose about a model. Nil leaves the model's own value.
public struct ModelOptions: Sendable, Hashable {
  public var classes: Int?
  /// Height and width of the images.
  public var inputSize: Int?
  public var inputChannels: Int?
  /// Widths of the hidden layers of a multi-layer perceptron.
  public var widths: [Int]?
  /// Whether the last norm of each residual block begins at γ = 0 (Goyal et al. 2017, section 5.1).
  public var zeroGamma = false
  public var batchNormMomentum: Float?
  public var batchNormEpsilon: Float?

  public init(classes: Int? = nil) { self.classes = classes }

  /// The input of a model that is published for `channels` × `size` × `size` images.
  func input(_ channels: Int, _ size: Int) -> Shape {
    let size = inputSize ?? size
    return Shape(channels: inputChannels ?? channels, height: size, width: size)
  }

  /// A batch norm layer; `last` marks the last one of a residual block.
  func batchNorm(last: Bool = false) -> BatchNorm {
    BatchNorm(
      epsilon: batchNormEpsilon ?? 1e-5, momentum: batchNormMomentum ?? 0.1, initialScale: last && zeroGamma ? 0 : 1)
  }
}
