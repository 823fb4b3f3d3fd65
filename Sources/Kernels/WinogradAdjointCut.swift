import CKernels
import Tensors

/// Backward-data as the adjoint of forward, cut into tasks of whole images. No cut changes a bit.
struct WinogradAdjointCut: @unchecked Sendable {  // Its pointers are null until a run sets its own copy's.
  /// An image's transformed tiles take at most so many bytes, of the L2 cache.
  static let imageBytes = 1 << 20

  let arguments: winograd_adjoint_arguments
  let tasks: Int
  let scratchFloats: Int

  /// Nil where a walk over the source is as good, a rule of the shape alone: the adjoint goes over the tiles of the
  /// output, the walk over those of the source. `forward`: with no image sharing a tile with another.
  init?(_ shape: ConvolutionShape, forward: winograd_arguments, backward: winograd_arguments) {
    let tiles = Int(forward.tile_rows * forward.tile_columns)
    let group = min(WinogradCut.groupBlocks, shape.sourceBlocks)
    let imageFloats = winogradPlaces * (shape.outputBlocks + group) * vectorWidth * tiles
    let walk = Int(backward.tile_rows * backward.tile_columns) / Int(backward.sheet_rows * backward.sheet_columns)
    guard tiles * 4 <= walk * 3, imageFloats * 4 <= Self.imageBytes else { return nil }
    let fitting = WinogradCut.scratchBytes / (imageFloats * 4)
    let taskImages = max(1, min(fitting, shape.images / WinogradCut.leastTasks))
    var sizes = winograd_adjoint_arguments()
    sizes.geometry = forward
    sizes.geometry.group_blocks = Int32(group)
    sizes.output_channels = Int32(shape.outputChannels)
    sizes.narrow = isNarrow(shape.source.channels)
    sizes.task_images = Int32(taskImages)
    arguments = sizes
    tasks = (shape.images + taskImages - 1) / taskImages
    // One vector more between places: see winograd_place_stride.
    scratchFloats = imageFloats * taskImages + 2 * winogradPlaces * vectorWidth
  }
}
