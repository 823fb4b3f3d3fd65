import CKernels
import Tensors

/// Products per tile: 6 × 6.
let winogradPlaces = 36

/// The sizes of a forward or backward-data pass, cut into tasks that fit the caches. No cut changes a bit.
struct WinogradCut: @unchecked Sendable {  // Its pointers are null until a run sets its own copy's.
  /// Bytes of transformed tiles that a task holds: part of the L2 cache.
  static let scratchBytes = 640 << 10
  /// Transformed weights of more bytes come from the L3 cache or memory each time: tasks then have at least so many
  /// tiles, and there are fewer of them.
  static let largeWeightBytes = 8 << 20
  static let largeTiles = 32
  static let leastLargeTasks = 4
  /// Output blocks whose products are held at a time.
  static let groupBlocks = 4
  /// Enough tasks to keep a team busy to the end.
  static let leastTasks = 8

  let arguments: winograd_arguments
  let tasks: Int
  let scratchFloats: Int

  /// With `apart` no image shares a tile with another.
  init(kernel: Int, images: Int, source: Shape, output: Shape, padding: Extent, apart: Bool) {
    let tileSize = 7 - kernel
    let sheet =
      apart
      ? WinogradSheet(source: source, output: output, padding: padding, kernel: kernel, tileSize: tileSize)
      : WinogradSheet(
        images: images, source: source, output: output, padding: padding, kernel: kernel, tileSize: tileSize)
    let all = images / sheet.images * sheet.tiles
    let group = min(Self.groupBlocks, output.blocks)
    let bytesPerTile = 4 * winogradPlaces * (source.blocks + group) * vectorWidth
    let weightBytes = 4 * winogradPlaces * source.blocks * output.blocks * vectorWidth * vectorWidth
    let large = weightBytes > Self.largeWeightBytes
    let tiles = Self.tiles(all: all, bytesPerTile: bytesPerTile, large: large)
    let tileTasks = (all + tiles - 1) / tiles
    // Each part transforms the tiles again; a part must be long enough to make that cheap.
    let leastTasks = large ? Self.leastLargeTasks : Self.leastTasks
    let parts = max(1, min((leastTasks + tileTasks - 1) / tileTasks, output.blocks / 4))
    var sizes = winograd_arguments()
    sizes.images = Int32(images)
    sizes.source_blocks = Int32(source.blocks)
    sizes.output_blocks = Int32(output.blocks)
    sizes.source_channels = Int32(source.channels)
    sizes.narrow = isNarrow(output.channels)
    sizes.height = Int32(source.height)
    sizes.width = Int32(source.width)
    sizes.output_height = Int32(output.height)
    sizes.output_width = Int32(output.width)
    sizes.pad_top = Int32(padding.rows)
    sizes.pad_left = Int32(padding.columns)
    sizes.source_image_stride = source.floats(in: .blocked)
    sizes.output_image_stride = output.floats(in: .blocked)
    sizes.kernel = Int32(kernel)
    sizes.tile_size = Int32(tileSize)
    sizes.sheet_rows = Int32(sheet.rows)
    sizes.sheet_columns = Int32(sheet.columns)
    sizes.row_pitch = Int32(sheet.pitch.rows)
    sizes.column_pitch = Int32(sheet.pitch.columns)
    sizes.tile_rows = Int32(sheet.tileRows)
    sizes.tile_columns = Int32(sheet.tileColumns)
    sizes.block_tiles = Int32(tiles)
    sizes.block_parts = Int32(parts)
    sizes.group_blocks = Int32(group)
    arguments = sizes
    tasks = tileTasks * parts
    // One vector more between places: see winograd_place_stride.
    scratchFloats = (bytesPerTile / 4 * tiles) + 2 * winogradPlaces * vectorWidth
  }

  /// Tiles per task, in multiples of the 14 rows of a GEMM tile where there are enough; equal shares of all of them.
  private static func tiles(all: Int, bytesPerTile: Int, large: Bool) -> Int {
    let fitting = max(14, scratchBytes / bytesPerTile / 14 * 14)
    let most = large ? max(fitting, largeTiles) : min(fitting, max(14, (all / leastTasks + 13) / 14 * 14))
    var tasks = (all + most - 1) / most
    // An odd task at the end would keep one thread busy while the others wait.
    if tasks > 4 { tasks = (tasks + 3) / 4 * 4 }
    return (all + tasks - 1) / tasks
  }
}
