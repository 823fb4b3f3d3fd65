import CKernels
public import Tensors

/// Sub-sampling with trained coefficients over a batch of blocked images: output = weight · Σ window + bias, with one
/// weight and one bias per map. Windows lie side by side; rows and columns that fill none are left out.
public struct TrainedPooling: Sendable {
  public let images: Int
  public let source: Shape
  public let kernel: Extent

  public init(images: Int, source: Shape, kernel: Extent) {
    self.images = images
    self.source = source
    self.kernel = kernel
  }

  /// Floats of workspace of the backward pass: the sums of each image.
  public var workspaceFloats: Int { images * imageSums }

  private var output: Shape {
    Shape(channels: source.channels, height: source.height / kernel.rows, width: source.width / kernel.columns)
  }

  private var imageSums: Int { 2 * source.blocks * vectorWidth }

  /// `weights` and `bias`: one float per channel, padded.
  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.weights = weights
    arguments.bias = bias
    arguments.output = output
    processor.run(processor.functions.pointee.trained_pool, tasks: images * self.source.blocks, arguments)
  }

  /// Writes the gradients of weights and bias, summed over images in order; writes, or adds to, the source's if there
  /// is a place for it.
  public func backward(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>, sourceGradient: UnsafeMutablePointer<Float>?, accumulate: Bool,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.weights = weights
    arguments.output_gradient = outputGradient
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    arguments.sums = workspace
    processor.run(processor.functions.pointee.trained_pool_gradient, tasks: images * self.source.blocks, arguments)
    sum(workspace, into: weightGradient, on: processor)
    sum(workspace + imageSums / 2, into: biasGradient, on: processor)
  }

  private func sum(
    _ sums: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>, on processor: Processor
  ) {
    var arguments = sum_groups_arguments()
    arguments.sums = UnsafePointer(sums)
    arguments.output = output
    arguments.groups = Int32(images)
    arguments.group_stride = imageSums
    arguments.count = imageSums / 2
    arguments.range = imageSums / 2
    processor.run(processor.functions.pointee.sum_groups, tasks: 1, arguments)
  }

  private var sizes: trained_pool_arguments {
    var arguments = trained_pool_arguments()
    arguments.blocks = Int32(source.blocks)
    arguments.windows = windows(from: source, to: output, kernel: kernel, stride: kernel)
    return arguments
  }
}
