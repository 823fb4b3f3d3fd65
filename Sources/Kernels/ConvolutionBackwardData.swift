import CKernels
import Tensors

/// The gradient of a convolution's source: a convolution of the output's gradient with the transposed, turned weights.
///
/// With a stride, each residue of the source position modulo the stride sees its own subset of the taps: a phase.
public struct ConvolutionBackwardData: Sendable {
  public let shape: ConvolutionShape
  /// Usually one; the phases of large strides do not fit into one call.
  private let cuts: [ConvolutionCut]

  /// The source must be blocked.
  public init(_ shape: ConvolutionShape) {
    precondition(shape.layout == .blocked)
    self.shape = shape
    cuts = shape.backwardDataSizes.map { ConvolutionCut($0) }
  }

  public var scratchFloats: Int { cuts.map(\.scratchFloats).max() ?? 0 }

  /// Floats of workspace: the transposed weights.
  public var workspaceFloats: Int { shape.weightFloats }

  /// Writes the gradient of the source, or adds it to what is there. `gradientGap`: floats between the end of an image
  /// of the output's gradient and the next.
  public func run(
    on processor: Processor, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0, weights: UnsafePointer<Float>,
    accumulate: Bool, sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    transposeWeights(shape, weights, into: workspace, on: processor)
    for cut in cuts {
      var arguments = cut.arguments
      arguments.source = outputGradient
      arguments.source_image_stride += gradientGap
      arguments.weights = UnsafePointer(workspace)
      arguments.accumulate = accumulate
      arguments.output = sourceGradient
      processor.run(processor.functions.pointee.convolution, tasks: cut.tasks, arguments)
    }
  }
}

/// Writes the weights as backward-data reads them.
func transposeWeights(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, into transposed: UnsafeMutablePointer<Float>,
  on processor: Processor
) {
  var arguments = transpose_weights_arguments()
  arguments.weights = weights
  arguments.transposed = transposed
  arguments.output_blocks = Int32(shape.outputBlocks)
  arguments.source_blocks = Int32(shape.sourceBlocks)
  arguments.kernel_rows = Int32(shape.kernel.rows)
  arguments.kernel_columns = Int32(shape.kernel.columns)
  arguments.row_step = Int32(shape.stride.rows)
  arguments.column_step = Int32(shape.stride.columns)
  processor.run(
    processor.functions.pointee.transpose_weights, tasks: shape.outputBlocks * shape.sourceBlocks, arguments)
}

extension ConvolutionShape {
  /// Backward-data as walks: source and output change places. Each walk has at most 16 phases.
  var backwardDataSizes: [convolution_arguments] {
    let outputSize = isPointwise ? joinedSize : Extent(rows: output.height, columns: output.width)
    let height = isPointwise ? joinedSize.rows : source.height
    let width = isPointwise ? joinedSize.columns : source.width
    var sizes = convolution_arguments()
    sizes.images = Int32(images)
    sizes.source_blocks = Int32(outputBlocks)
    sizes.source_block = Int32(vectorWidth)
    sizes.source_height = Int32(outputSize.rows)
    sizes.source_width = Int32(outputSize.columns)
    sizes.source_image_stride = output.floats(in: .blocked)
    sizes.source_block_stride = output.pixels * vectorWidth
    sizes.output_blocks = Int32(sourceBlocks)
    sizes.narrow = isNarrow(source.channels)
    sizes.output_image_stride = source.floats(in: .blocked)
    sizes.output_block_stride = source.pixels * vectorWidth
    sizes.output_row_stride = width * vectorWidth
    sizes.output_pixel_stride = vectorWidth
    sizes.weight_block_stride = weightFloats / sourceBlocks
    sizes.source_row_step = 1
    sizes.source_column_step = 1
    var phases: [convolution_phase] = []
    var weightOffset = 0
    for row in 0..<stride.rows {
      let rows = ConvolutionResidue(row, size: height, kernel: kernel.rows, stride: stride.rows, padding: padding.rows)
      for column in 0..<stride.columns {
        let columns = ConvolutionResidue(
          column, size: width, kernel: kernel.columns, stride: stride.columns, padding: padding.columns)
        var phase = convolution_phase()
        phase.kernel_rows = Int32(rows.taps)
        phase.kernel_columns = Int32(columns.taps)
        phase.weight_offset = weightOffset
        phase.output_row = Int32(rows.first)
        phase.output_row_step = Int32(stride.rows)
        phase.output_rows = Int32(rows.count)
        phase.output_column = Int32(columns.first)
        phase.output_column_step = Int32(stride.columns)
        phase.output_columns = Int32(columns.count)
        phase.source_row = Int32(rows.firstSource)
        phase.source_column = Int32(columns.firstSource)
        weightOffset += outputBlocks * rows.taps * columns.taps * vectorWidth * vectorWidth
        if rows.count > 0, columns.count > 0 { phases.append(phase) }
      }
    }
    return Swift.stride(from: 0, to: phases.count, by: 16).map { first in
      var part = sizes
      part.setPhases(Array(phases[first..<min(first + 16, phases.count)]))
      return part
    }
  }
}

/// Along one axis: the source positions x with (x + padding) mod stride = residue, which see the taps of that residue.
private struct ConvolutionResidue {
  let taps: Int
  let first: Int
  let count: Int
  /// The output position that meets the first tap (in turned order) at the first position.
  let firstSource: Int

  init(_ residue: Int, size: Int, kernel: Int, stride: Int, padding: Int) {
    taps = max(0, (kernel - residue + stride - 1) / stride)
    first = ((residue - padding) % stride + stride) % stride
    count = max(0, (size - first + stride - 1) / stride)
    firstSource = (first + padding) / stride - max(taps - 1, 0)
  }
}
