import CKernels
import Tensors

/// The gradients of a convolution's weights and bias.
///
/// Each weight is one chain of multiply-adds over (image, row, column). Where a layer has too few weights to share out,
/// the images are cut into groups, by a rule of the shape alone, and the groups are added in order.
public struct ConvolutionWeightGradient: Sendable {
  public let shape: ConvolutionShape
  private let cut: ConvolutionCut
  private let groups: Int

  public init(_ shape: ConvolutionShape) {
    self.init(shape, sizes: shape.forwardSizes)
  }

  init(_ shape: ConvolutionShape, sizes: convolution_arguments) {
    self.shape = shape
    let shares = (shape.outputBlocks + 1) / 2 * shape.sourceBlocks
    groups = shares >= 8 ? 1 : min(Int(sizes.images), (8 + shares - 1) / shares)
    // A band of one source block, and of the two output blocks beside it.
    let blocks = Int(sizes.source_blocks)
    cut = ConvolutionCut(sizes, bandBytes: ConvolutionCut.weightBandBytes * blocks)
  }

  public var scratchFloats: Int { cut.scratchFloats }

  /// Floats of workspace: the groups' sums.
  public var workspaceFloats: Int { groups == 1 ? 0 : groups * shape.weightFloats }

  /// Writes the gradients of the weights and, if asked, of the bias.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var arguments = weight_gradient_arguments()
    arguments.geometry = cut.arguments
    arguments.geometry.source = source
    arguments.gradient = outputGradient
    arguments.sums = groups == 1 ? weightGradient : workspace
    arguments.group_stride = shape.weightFloats
    arguments.image_groups = Int32(groups)
    arguments.block_pairs = Int32((shape.outputBlocks + 1) / 2)
    let tasks = groups * Int(arguments.block_pairs) * shape.sourceBlocks
    processor.run(processor.functions.pointee.weight_gradient, tasks: tasks, arguments)
    if groups > 1 { sumGroups(into: weightGradient, workspace, on: processor) }
    if let biasGradient { processor.biasGradient(shape, outputGradient: outputGradient, into: biasGradient) }
  }

  private func sumGroups(
    into weightGradient: UnsafeMutablePointer<Float>, _ workspace: UnsafeMutablePointer<Float>, on processor: Processor
  ) {
    var arguments = sum_groups_arguments()
    arguments.sums = UnsafePointer(workspace)
    arguments.output = weightGradient
    arguments.groups = Int32(groups)
    arguments.group_stride = shape.weightFloats
    arguments.count = shape.weightFloats
    arguments.range = elementRange
    processor.run(
      processor.functions.pointee.sum_groups, tasks: elementTasks(shape.weightFloats), arguments)
  }
}

extension Processor {
  /// Sums a convolution's output gradient over images and pixels.
  public func biasGradient(
    _ shape: ConvolutionShape, outputGradient: UnsafePointer<Float>, into biasGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = bias_gradient_arguments()
    arguments.gradient = outputGradient
    arguments.output = biasGradient
    arguments.images = Int32(shape.images)
    arguments.image_stride = shape.output.floats(in: .blocked)
    arguments.block_stride = shape.output.pixels * vectorWidth
    arguments.pixels = shape.output.pixels
    run(functions.pointee.bias_gradient, tasks: shape.outputBlocks, arguments)
  }
}
