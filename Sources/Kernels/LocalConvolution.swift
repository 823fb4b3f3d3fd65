import CKernels
import Tensors

/// The passes of a convolution whose every output pixel has weights of its own: products of matrices over the images.
public struct LocalConvolution: Sendable {
  /// Bytes of scratch for what a position sees of some images: part of the L2 cache.
  static let patchBytes = 512 << 10
  /// So many images share a sweep over a position's weights even if their patches do not fit.
  static let leastImages = 28
  /// Enough tasks to keep a team busy to the end.
  static let leastTasks = 16
  /// The same for backward-data, where each part of the images transposes the weights again: a part is not short.
  static let leastDataTasks = 8
  static let leastPartImages = 16
  /// Gradients of more bytes are written past the caches.
  static let streamedBytes = 32 << 20

  /// Without dilation. Its weights are those of one position.
  public let shape: ConvolutionShape
  private let chunkImages: Int
  private let blockParts: Int
  private let imageParts: Int

  public init(_ shape: ConvolutionShape) {
    precondition(shape.dilation == Extent(1))
    self.shape = shape
    let patch = Self.patchStride(shape)
    chunkImages = max(1, min(shape.images, max(Self.leastImages, Self.patchBytes / 4 / patch)))
    let positions = shape.output.pixels
    blockParts = max(1, min((shape.outputBlocks + 1) / 2, (Self.leastTasks + positions - 1) / positions))
    let fitting = max(Self.leastImages, Self.patchBytes / 4 / Self.gradientStride(shape))
    imageParts = min(
      shape.images,
      max(
        (shape.images + fitting - 1) / fitting,
        min(
          (Self.leastDataTasks + shape.sourceBlocks - 1) / shape.sourceBlocks,
          (shape.images + Self.leastPartImages - 1) / Self.leastPartImages)))
  }

  /// Floats of the weights of all positions.
  public var weightFloats: Int { shape.output.pixels * shape.weightFloats }

  private static func patchStride(_ shape: ConvolutionShape) -> Int {
    shape.sourceBlocks * shape.sourceBlock * shape.kernel.rows * shape.kernel.columns + vectorWidth
  }

  private static func gradientStride(_ shape: ConvolutionShape) -> Int { (shape.outputBlocks + 1) * vectorWidth }

  public var scratchFloats: Int {
    let patches = chunkImages * Self.patchStride(shape)
    let gradients = chunkImages * shape.outputBlocks * vectorWidth
    let partImages = (shape.images + imageParts - 1) / imageParts
    let transposed = shape.kernel.columns * shape.outputBlocks * vectorWidth * vectorWidth
    return max(patches + gradients, transposed + partImages * Self.gradientStride(shape))
  }

  /// `bias`: one float per value of an image of the output, blocked.
  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, output: UnsafeMutablePointer<Float>
  ) {
    var arguments = arguments
    arguments.source = source
    arguments.weights = weights
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    processor.run(processor.functions.pointee.locally_connected, tasks: shape.output.pixels * blockParts, arguments)
  }

  /// Writes the gradients of the weights and, if asked, of the bias.
  public func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?
  ) {
    var arguments = arguments
    arguments.source = source
    arguments.gradient = outputGradient
    arguments.output = weightGradient
    arguments.stream = 4 * weightFloats > Self.streamedBytes
    processor.run(
      processor.functions.pointee.locally_connected_gradient, tasks: shape.output.pixels * blockParts, arguments)
    if let biasGradient {
      let floats = shape.output.floats(in: .blocked)
      processor.sumGroups(outputGradient, groups: shape.images, stride: floats, count: floats, into: biasGradient)
    }
  }

  /// Writes the gradient of the source, which must be blocked, or adds it to what is there.
  public func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, accumulate: Bool,
    sourceGradient: UnsafeMutablePointer<Float>
  ) {
    precondition(shape.layout == .blocked)
    var arguments = arguments
    arguments.source = outputGradient
    arguments.weights = weights
    arguments.output = sourceGradient
    arguments.accumulate = accumulate
    processor.run(
      processor.functions.pointee.locally_connected_backward_data, tasks: shape.sourceBlocks * imageParts, arguments)
  }

  private var arguments: locally_connected_arguments {
    var arguments = locally_connected_arguments()
    arguments.images = Int32(shape.images)
    arguments.source_blocks = Int32(shape.sourceBlocks)
    arguments.source_block = Int32(shape.sourceBlock)
    arguments.output_blocks = Int32(shape.outputBlocks)
    arguments.windows = windows(
      from: shape.source, to: shape.output, kernel: shape.kernel, stride: shape.stride, padding: shape.padding)
    arguments.source_image_stride = shape.source.floats(in: shape.layout)
    arguments.output_image_stride = shape.output.floats(in: .blocked)
    arguments.chunk_images = Int32(chunkImages)
    arguments.block_parts = Int32(blockParts)
    arguments.image_parts = Int32(imageParts)
    return arguments
  }
}
