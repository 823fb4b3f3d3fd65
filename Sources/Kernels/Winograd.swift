import CKernels
import Tensors

/// Winograd convolution by tiles of 4×4 outputs (Lavin and Gray 2015): a quarter of the multiplications of the direct
/// one, at about twice its rounding error. Same arguments and results as the direct passes; each needs workspace.
public struct Winograd: Sendable {
  public let shape: ConvolutionShape
  private let forwardSizes: Sizes
  private let backwardSizes: Sizes

  /// Whether a convolution can be computed so.
  public static func isPossible(_ shape: ConvolutionShape) -> Bool {
    shape.kernel == Extent(3) && shape.stride == Extent(1) && shape.layout == .blocked && shape.padding.rows <= 2
      && shape.padding.columns <= 2
  }

  /// Whether it pays: a rule of the layer's shape alone, as the choice changes the last bits of results.
  public static func isWorthwhile(_ shape: ConvolutionShape) -> Bool {
    isPossible(shape) && shape.source.channels >= 32 && shape.outputChannels >= 32 && shape.output.height >= 4
      && shape.output.width >= 4
  }

  /// `shape` must be possible.
  public init(_ shape: ConvolutionShape) {
    precondition(Self.isPossible(shape))
    self.shape = shape
    forwardSizes = Sizes(
      images: shape.images, source: shape.source, output: shape.output, padding: shape.padding)
    backwardSizes = Sizes(
      images: shape.images, source: shape.output, output: shape.source,
      padding: Extent(rows: 2 - shape.padding.rows, columns: 2 - shape.padding.columns))
  }

  public var scratchFloats: Int { max(forwardSizes.scratchFloats, backwardSizes.scratchFloats) }
  /// Floats of workspace: the transformed weights.
  public var forwardWorkspaceFloats: Int { transformedFloats }
  /// Floats of workspace: transposed and transformed weights, or the transformed tensors of the weight gradient.
  public var backwardWorkspaceFloats: Int {
    max(shape.weightFloats + transformedFloats, gradientTensorFloats + transformedFloats)
  }

  private var transformedFloats: Int { 4 * shape.weightFloats }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    transform(
      weights, outputBlocks: shape.outputBlocks, sourceBlocks: shape.sourceBlocks, into: workspace, on: processor)
    var arguments = forwardSizes.arguments
    arguments.source = source
    arguments.weights = UnsafePointer(workspace)
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    processor.run(processor.functions.pointee.winograd, tasks: forwardSizes.tasks, arguments)
  }

  public func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, accumulate: Bool,
    sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    transposeWeights(shape, weights, into: workspace, on: processor)
    let transformed = workspace + shape.weightFloats
    transform(
      workspace, outputBlocks: shape.sourceBlocks, sourceBlocks: shape.outputBlocks, into: transformed, on: processor)
    var arguments = backwardSizes.arguments
    arguments.source = outputGradient
    arguments.weights = UnsafePointer(transformed)
    arguments.accumulate = accumulate
    arguments.output = sourceGradient
    processor.run(processor.functions.pointee.winograd, tasks: backwardSizes.tasks, arguments)
  }

  /// The bias's gradient is not its business.
  public func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let kernels = processor.functions.pointee
    let blocks = shape.sourceBlocks + shape.outputBlocks
    var arguments = winograd_gradient_arguments()
    arguments.geometry = forwardSizes.arguments
    arguments.geometry.source = source
    arguments.gradient = outputGradient
    arguments.sums = workspace
    arguments.weights = weightGradient
    for first in stride(from: 0, to: shape.images, by: gradientImages) {
      let count = min(gradientImages, shape.images - first)
      arguments.first_image = Int32(first)
      arguments.image_count = Int32(count)
      arguments.values = workspace + transformedFloats
      arguments.factors =
        workspace + transformedFloats + 36 * shape.sourceBlocks * forwardSizes.tilesPerImage * count * vectorWidth
      processor.run(
        kernels.winograd_gradient_transform, tasks: count * Int(arguments.geometry.tile_rows) * blocks, arguments)
      processor.run(kernels.winograd_gradient_multiply, tasks: 36 * ((shape.outputBlocks + 1) / 2), arguments)
    }
    processor.run(kernels.winograd_gradient_finish, tasks: shape.outputBlocks * shape.sourceBlocks, arguments)
  }

  /// Images whose transformed tensors are held at a time: 16 MiB, part of the L3 cache. Sums go over images in order,
  /// so the cut does not change them.
  private var gradientImages: Int {
    let imageFloats = 36 * (shape.sourceBlocks + shape.outputBlocks) * forwardSizes.tilesPerImage * vectorWidth
    return max(1, min(shape.images, (16 << 20) / (4 * imageFloats)))
  }

  private var gradientTensorFloats: Int {
    36 * (shape.sourceBlocks + shape.outputBlocks) * forwardSizes.tilesPerImage * gradientImages * vectorWidth
  }

  private func transform(
    _ weights: UnsafePointer<Float>, outputBlocks: Int, sourceBlocks: Int,
    into transformed: UnsafeMutablePointer<Float>, on processor: Processor
  ) {
    var arguments = winograd_weights_arguments()
    arguments.weights = weights
    arguments.transformed = transformed
    arguments.output_blocks = Int32(outputBlocks)
    arguments.source_blocks = Int32(sourceBlocks)
    processor.run(
      processor.functions.pointee.winograd_weights, tasks: outputBlocks * sourceBlocks, arguments)
  }
}

/// The sizes of one pass, cut into tasks that fit the caches. No cut changes a bit of the result.
private struct Sizes: @unchecked Sendable {  // Its pointers are null.
  let arguments: winograd_arguments
  let tasks: Int
  let scratchFloats: Int
  let tilesPerImage: Int

  init(images: Int, source: Shape, output: Shape, padding: Extent) {
    var sizes = winograd_arguments()
    sizes.images = Int32(images)
    sizes.source_blocks = Int32(source.blocks)
    sizes.output_blocks = Int32(output.blocks)
    sizes.height = Int32(source.height)
    sizes.width = Int32(source.width)
    sizes.output_height = Int32(output.height)
    sizes.output_width = Int32(output.width)
    sizes.pad_top = Int32(padding.rows)
    sizes.pad_left = Int32(padding.columns)
    sizes.source_image_stride = source.floats(in: .blocked)
    sizes.output_image_stride = output.floats(in: .blocked)
    sizes.tile_rows = Int32((output.height + 3) / 4)
    sizes.tile_columns = Int32((output.width + 3) / 4)
    tilesPerImage = Int(sizes.tile_rows * sizes.tile_columns)
    let floatsPerTile = 36 * (source.blocks + output.blocks) * vectorWidth
    let tiles = Self.tiles(
      all: images * tilesPerImage, floatsPerTile: floatsPerTile,
      weightFloats: 36 * source.blocks * output.blocks * vectorWidth * vectorWidth)
    sizes.block_tiles = Int32(tiles)
    arguments = sizes
    tasks = (images * tilesPerImage + tiles - 1) / tiles
    scratchFloats = floatsPerTile * tiles
  }

  /// Tiles per task: 1 MiB of scratch, in multiples of the 14 rows of a GEMM tile; more where the weights have to come
  /// from the L3 cache or memory each time; fewer where that leaves too few tasks.
  private static func tiles(all: Int, floatsPerTile: Int, weightFloats: Int) -> Int {
    var tiles = max(14, (1 << 20) / (4 * floatsPerTile) / 14 * 14)
    if weightFloats * 4 > 8 << 20 { tiles = max(tiles, 56) }
    let share = (all + 7) / 8
    return min(tiles, max(1, (share + 13) / 14 * 14))
  }
}
