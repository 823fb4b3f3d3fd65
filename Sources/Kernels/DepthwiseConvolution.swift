import CKernels
import Tensors

/// The passes of a depthwise convolution: 16 channels are the lanes of a vector, and no product is with a zero between
/// groups.
public struct DepthwiseConvolution: GroupedPasses {
  /// Images are grouped where the blocks alone would give fewer tasks of the weight gradient.
  static let leastTasks = 8

  public let groups: ConvolutionGroups
  private let imageGroups: Int

  /// `groups` must be depthwise.
  public init(_ groups: ConvolutionGroups) {
    precondition(groups.isDepthwise)
    self.groups = groups
    let blocks = groups.whole.sourceBlocks
    imageGroups =
      blocks >= Self.leastTasks ? 1 : min(groups.whole.images, (Self.leastTasks + blocks - 1) / blocks)
  }

  public var algorithm: String { "depthwise" }
  public var forwardWorkspaceFloats: Int { 0 }
  public var backwardWorkspaceFloats: Int { imageGroups == 1 ? 0 : imageGroups * groups.weightFloats }
  public var scratchFloats: Int { 0 }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, training: Bool, output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var arguments = arguments
    arguments.source = source
    arguments.weights = weights
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    processor.run(processor.functions.pointee.depthwise, tasks: planes, arguments)
  }

  public func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var arguments = depthwise_gradient_arguments()
    arguments.geometry = self.arguments
    arguments.geometry.source = source
    arguments.gradient = outputGradient
    arguments.sums = imageGroups == 1 ? weightGradient : workspace
    arguments.group_stride = groups.weightFloats
    arguments.image_groups = Int32(imageGroups)
    processor.run(
      processor.functions.pointee.depthwise_gradient, tasks: imageGroups * groups.whole.sourceBlocks, arguments)
    guard imageGroups > 1 else { return }
    processor.sumGroups(
      workspace, groups: imageGroups, stride: groups.weightFloats, count: groups.weightFloats, into: weightGradient)
  }

  public func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, accumulate: Bool,
    sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let shape = groups.whole
    var arguments = arguments
    arguments.source = outputGradient
    arguments.weights = weights
    arguments.output = sourceGradient
    arguments.accumulate = accumulate
    guard shape.stride == Extent(1) else {
      processor.run(processor.functions.pointee.depthwise_scatter, tasks: planes, arguments)
      return
    }
    // Without a stride it is a forward pass with turned taps.
    let reach = ConvolutionShape.reach(of: shape.kernel, dilation: shape.dilation)
    arguments.turned = true
    arguments.windows = windows(
      from: shape.output, to: shape.source, kernel: shape.kernel, stride: shape.stride,
      padding: Extent(
        rows: reach.rows - 1 - shape.padding.rows, columns: reach.columns - 1 - shape.padding.columns))
    processor.run(processor.functions.pointee.depthwise, tasks: planes, arguments)
  }

  private var planes: Int { groups.whole.images * groups.whole.sourceBlocks }

  private var arguments: depthwise_arguments {
    let shape = groups.whole
    var arguments = depthwise_arguments()
    arguments.images = Int32(shape.images)
    arguments.blocks = Int32(shape.sourceBlocks)
    arguments.windows = windows(
      from: shape.source, to: shape.output, kernel: shape.kernel, stride: shape.stride, padding: shape.padding)
    arguments.tap_row_step = Int32(shape.dilation.rows)
    arguments.tap_column_step = Int32(shape.dilation.columns)
    return arguments
  }
}
