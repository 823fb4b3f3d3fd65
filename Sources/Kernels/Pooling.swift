import CKernels
public import Tensors

/// Pooling over windows of a batch of blocked images.
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
    sizes.source_height = Int32(source.height)
    sizes.source_width = Int32(source.width)
    sizes.output_height = Int32(output.height)
    sizes.output_width = Int32(output.width)
    sizes.kernel_rows = Int32(kernel.rows)
    sizes.kernel_columns = Int32(kernel.columns)
    sizes.row_step = Int32(stride.rows)
    sizes.column_step = Int32(stride.columns)
    sizes.pad_top = Int32(padding.rows)
    sizes.pad_left = Int32(padding.columns)
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
    sizes.source_height = Int32(source.height)
    sizes.source_width = Int32(source.width)
    sizes.output_height = Int32(output.height)
    sizes.output_width = Int32(output.width)
    sizes.adaptive = true
    arguments = Sizes(sizes)
  }

  /// Bytes that tell the backward pass of max pooling which value of each window won.
  public var winnerBytes: Int { images * output.floats(in: .blocked) }

  public func maximum(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    winners: UnsafeMutablePointer<UInt8>?
  ) {
    let window = Extent(rows: Int(arguments.value.kernel_rows), columns: Int(arguments.value.kernel_columns))
    precondition(winners == nil || Self.canTellWinner(of: window), "A window of max pooling has at most 256 values.")
    var arguments = arguments.value
    arguments.source = source
    arguments.output = output
    arguments.winners = winners
    processor.run(processor.functions.pointee.max_pool, tasks: images * self.source.blocks, arguments)
  }

  public func maximumGradient(
    on processor: Processor, outputGradient: UnsafePointer<Float>, winners: UnsafeMutablePointer<UInt8>,
    sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    var arguments = arguments.value
    arguments.output_gradient = outputGradient
    arguments.winners = winners
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.max_pool_gradient, tasks: images * source.blocks, arguments)
  }

  public func average(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    var arguments = arguments.value
    arguments.source = source
    arguments.output = output
    processor.run(processor.functions.pointee.average_pool, tasks: images * self.source.blocks, arguments)
  }

  public func averageGradient(
    on processor: Processor, outputGradient: UnsafePointer<Float>, sourceGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    var arguments = arguments.value
    arguments.output_gradient = outputGradient
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
