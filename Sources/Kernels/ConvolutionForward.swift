import CKernels
import Tensors

/// The forward pass of a direct convolution: output = source ∗ weights + bias, optionally max(0, ·).
public struct ConvolutionForward: Sendable {
  public let shape: ConvolutionShape
  private let cut: ConvolutionCut

  public init(_ shape: ConvolutionShape) {
    self.shape = shape
    cut = ConvolutionCut(shape.forwardSizes)
  }

  /// Floats of scratch that each thread needs.
  public var scratchFloats: Int { cut.scratchFloats }

  /// `bias`: one float per output channel, padded to blocks. `outputGap`: floats between the end of an image of the
  /// output and the next.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, output: UnsafeMutablePointer<Float>, outputGap: Int = 0
  ) {
    var arguments = cut.arguments
    arguments.source = source
    arguments.weights = weights
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    arguments.output_image_stride += outputGap
    processor.run(processor.functions.pointee.convolution, tasks: cut.tasks, arguments)
  }
}

extension ConvolutionCut: @unchecked Sendable {}  // Its pointers are null until a run sets its own copy's.

extension ConvolutionShape {
  /// The forward pass as a walk of one phase.
  var forwardSizes: convolution_arguments {
    let sourceSize = isPointwise ? joinedSize : Extent(rows: source.height, columns: source.width)
    let outputSize = isPointwise ? sourceSize : Extent(rows: output.height, columns: output.width)
    var sizes = convolution_arguments()
    sizes.images = Int32(images)
    sizes.source_blocks = Int32(sourceBlocks)
    sizes.source_block = Int32(sourceBlock)
    sizes.source_height = Int32(sourceSize.rows)
    sizes.source_width = Int32(sourceSize.columns)
    sizes.source_image_stride = source.floats(in: layout)
    sizes.source_block_stride = source.pixels * sourceBlock
    sizes.output_blocks = Int32(outputBlocks)
    sizes.narrow = isNarrow(outputChannels)
    sizes.output_image_stride = output.floats(in: .blocked)
    sizes.output_block_stride = output.pixels * vectorWidth
    sizes.output_row_stride = outputSize.columns * vectorWidth
    sizes.output_pixel_stride = vectorWidth
    sizes.weight_block_stride = weightFloats / outputBlocks
    sizes.source_row_step = Int32(stride.rows)
    sizes.source_column_step = Int32(stride.columns)
    var phase = convolution_phase()
    phase.kernel_rows = Int32(kernel.rows)
    phase.kernel_columns = Int32(kernel.columns)
    phase.output_row_step = 1
    phase.output_rows = Int32(outputSize.rows)
    phase.output_column_step = 1
    phase.output_columns = Int32(outputSize.columns)
    phase.source_row = Int32(-padding.rows)
    phase.source_column = Int32(-padding.columns)
    sizes.setPhases([phase])
    return sizes
  }
}
