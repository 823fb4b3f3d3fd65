import CKernels
public import Tensors

/// Normalization across maps of a batch of blocked images: each value is divided by (bias + alpha · Σ (a − m)²)^beta,
/// the sum over the values a of the maps at most `reach` away at the same position, and m their mean or 0.
public struct ChannelNormalization: Sendable {
  public let images: Int
  public let shape: Shape
  /// Maps on each side that count; at the edges there are fewer.
  public let reach: Int
  public let bias: Float
  public let alpha: Float
  public let beta: Float
  /// Whether the mean is subtracted.
  public let centred: Bool

  /// Pixels of a task, and of those whose columns a kernel has in scratch at a time.
  private static let range = 64
  private static let group = 8

  public init(
    images: Int, shape: Shape, reach: Int, bias: Float, alpha: Float, beta: Float, centred: Bool
  ) {
    precondition(reach >= 0 && bias > 0 && alpha >= 0, "The root of a normalization must be of a positive number.")
    self.images = images
    self.shape = shape
    self.reach = reach
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
    self.centred = centred
  }

  public var scratchFloats: Int {
    (4 * Self.group + 2) * (2 * paddedToVector(reach) + shape.blocks * vectorWidth)
  }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.output = output
    processor.run(processor.functions.pointee.channel_norm, tasks: tasks, arguments)
  }

  /// `sourceGradient` may be in the place of `outputGradient`.
  public func backward(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.output_gradient = outputGradient
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.channel_norm_gradient, tasks: tasks, arguments)
  }

  private var tasks: Int { images * ((shape.pixels + Self.range - 1) / Self.range) }

  private var sizes: channel_norm_arguments {
    var arguments = channel_norm_arguments()
    arguments.channels = Int32(shape.channels)
    arguments.blocks = Int32(shape.blocks)
    arguments.pixels = shape.pixels
    arguments.range = Self.range
    arguments.reach = Int32(reach)
    arguments.bias = bias
    arguments.alpha = alpha
    arguments.beta = beta
    arguments.centred = centred
    return arguments
  }
}
