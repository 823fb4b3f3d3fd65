import CKernels
public import Tensors

/// Normalization across maps of a batch of blocked images: each value is divided by (bias + alpha · sum)^beta, the sum
/// being over the values of the maps at most `reach` away at the same position.
public struct ChannelNormalization: Sendable {
  /// What is added up.
  public enum Addend: Hashable, Sendable {
    /// The squares of the values: response normalization.
    case squares
    /// The squares of their deviations from the mean of these maps: contrast normalization.
    case squaredDeviations
  }

  public let addend: Addend
  public let images: Int
  public let shape: Shape
  /// Maps on each side that count; at the edges there are fewer.
  public let reach: Int
  public let bias: Float
  public let alpha: Float
  public let beta: Float

  /// Pixels of a task, and of those whose columns a kernel has in scratch at a time.
  private static let range = 64
  private static let group = 8

  public init(
    of addend: Addend, images: Int, shape: Shape, reach: Int, bias: Float, alpha: Float, beta: Float
  ) {
    precondition(reach >= 0 && bias > 0 && alpha >= 0, "The root of a normalization must be of a positive number.")
    self.addend = addend
    self.images = images
    self.shape = shape
    self.reach = reach
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
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
    arguments.contrast = addend == .squaredDeviations
    return arguments
  }
}
