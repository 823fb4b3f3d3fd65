import CKernels
public import Tensors

/// Pooling over windows of a batch of blocked images.
///
/// `outputGap` and `gradientGap` are floats between the end of an image of the output, or of its gradient, and the
/// next.
public struct Pooling: Sendable {
  public let images: Int
  public let source: Shape
  public let output: Shape
  private let arguments: Sizes

  /// `output` is given by the layer, which knows the rounding rule; windows are cut off at the source's edges.
  public init(
    images: Int, source: Shape, output: Shape, kernel: Extent, stride: Extent, padding: Extent,
    countPadding: Bool = true
  ) {
    self.images = images
    self.source = source
    self.output = output
    var sizes = pooling_arguments()
    sizes.blocks = Int32(source.blocks)
    sizes.windows = windows(from: source, to: output, kernel: kernel, stride: stride, padding: padding)
    sizes.output_image_stride = output.floats(in: .blocked)
    sizes.rows_first = stride.rows < kernel.rows && kernel.rows <= 8
    sizes.count_padding = countPadding
    arguments = Sizes(sizes)
  }

  /// Whether a byte can tell which value of a window won: what max pooling needs.
  public static func canTellWinner(of kernel: Extent) -> Bool { kernel.rows * kernel.columns <= 256 }

  /// Average pooling over windows that share out the source evenly: PyTorch's adaptive pooling. Window i of n along an
  /// axis of length l is ⌊i·l/n⌋ ..< ⌈(i+1)·l/n⌉.
  public init(images: Int, source: Shape, adaptiveTo output: Shape) {
    self.images = images
    self.source = source
    self.output = output
    var sizes = pooling_arguments()
    sizes.blocks = Int32(source.blocks)
    sizes.windows = windows(from: source, to: output, kernel: Extent(0), stride: Extent(0))
    sizes.output_image_stride = output.floats(in: .blocked)
    sizes.adaptive = true
    arguments = Sizes(sizes)
  }

  /// Floats of scratch that each thread needs for max pooling: what windows have found in their rows.
  public var scratchFloats: Int {
    arguments.value.rows_first ? Int(arguments.value.windows.kernel_rows) * output.width * 2 * vectorWidth : 0
  }

  /// Bytes that tell the backward pass of max pooling which value of each window won.
  public var winnerBytes: Int { images * output.floats(in: .blocked) }

  public func maximum(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputGap: Int = 0,
    winners: UnsafeMutablePointer<UInt8>?
  ) {
    let sizes = arguments.value.windows
    let window = Extent(rows: Int(sizes.kernel_rows), columns: Int(sizes.kernel_columns))
    precondition(winners == nil || Self.canTellWinner(of: window), "A window of max pooling has at most 256 values.")
    var arguments = arguments.value
    arguments.source = source
    arguments.output = output
    arguments.output_image_stride += outputGap
    arguments.winners = winners
    processor.run(processor.functions.pointee.max_pool, tasks: images * self.source.blocks, arguments)
  }

  public func maximumGradient(
    on processor: Processor, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0,
    winners: UnsafeMutablePointer<UInt8>, sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    var arguments = arguments.value
    arguments.output_gradient = outputGradient
    arguments.output_image_stride += gradientGap
    arguments.winners = winners
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.max_pool_gradient, tasks: images * source.blocks, arguments)
  }

  public func average(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, outputGap: Int = 0
  ) {
    var arguments = arguments.value
    arguments.source = source
    arguments.output = output
    arguments.output_image_stride += outputGap
    processor.run(processor.functions.pointee.average_pool, tasks: images * self.source.blocks, arguments)
  }

  public func averageGradient(
    on processor: Processor, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0,
    sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    var arguments = arguments.value
    arguments.output_gradient = outputGradient
    arguments.output_image_stride += gradientGap
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.average_pool_gradient, tasks: images * source.blocks, arguments)
  }

  /// For the kernels in other files.
  var sizes: pooling_arguments { arguments.value }

  /// Arguments without pointers.
  private struct Sizes: @unchecked Sendable {
    let value: pooling_arguments
    init(_ value: pooling_arguments) { self.value = value }
  }
}
