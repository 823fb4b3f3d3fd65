import CKernels
public import Tensors

/// The parameter-free shortcut of residual networks (He et al. 2015, section 3.3, option A): every `stride`-th pixel,
/// channels between zeros.
public struct Subsampling: Sendable {
  public let images: Int
  public let source: Shape
  public let output: Shape
  public let stride: Extent

  public init(images: Int, source: Shape, output: Shape, stride: Extent) {
    self.images = images
    self.source = source
    self.output = output
    self.stride = stride
  }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.output = output
    processor.run(processor.functions.pointee.subsample, tasks: images * self.output.blocks, arguments)
  }

  public func backward(
    on processor: Processor, outputGradient: UnsafePointer<Float>, sourceGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    var arguments = sizes
    arguments.source = outputGradient
    arguments.output = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.subsample_gradient, tasks: images * source.blocks, arguments)
  }

  private var sizes: subsample_arguments {
    var arguments = subsample_arguments()
    arguments.source_channels = Int32(source.channels)
    arguments.source_blocks = Int32(source.blocks)
    arguments.output_blocks = Int32(output.blocks)
    arguments.first_channel = Int32((output.channels - source.channels) / 2)
    arguments.windows = windows(from: source, to: output, kernel: Extent(1), stride: stride)
    return arguments
  }
}
