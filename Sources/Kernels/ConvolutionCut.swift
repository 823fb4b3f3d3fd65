import CKernels
import Tensors

/// How a convolution is cut into tasks that fit the caches. No cut changes a bit of the result.
struct ConvolutionCut {
  /// Bytes of source that a task walks over for each pair of output blocks: part of the L2 cache.
  static let bandBytes = 384 << 10
  /// Bytes of weights that stay in the L2 cache beside them.
  static let chunkBytes = 256 << 10
  /// Enough tasks to keep a team busy to the end.
  static let leastTasks = 16

  var arguments: convolution_arguments
  /// Floats of scratch that a task needs.
  private(set) var scratchFloats = 0

  var tasks: Int {
    let groups = (arguments.images + arguments.images_per_task - 1) / arguments.images_per_task
    return Int(groups * arguments.bands * arguments.block_parts)
  }

  /// Completes arguments whose sizes and phases are set.
  init(_ sizes: convolution_arguments) {
    arguments = sizes
    bandBlocks = sizes.source_blocks
    setPadding()
    cutBands(bytes: Self.bandBytes)
    var bands = arguments.bands
    while bandRows > 4, bands * arguments.images < Self.leastTasks {
      bands += 1
      setBands(bands)
    }
    cutImages(bytes: Self.bandBytes)
    cutBlocks()
  }

  /// The same for a weight gradient, whose tasks go over bands of `sourceBlocks` blocks of the source and
  /// `outputBlocks` of the output's gradient.
  init(_ sizes: convolution_arguments, sourceBlocks: Int, outputBlocks: Int, bandBytes: Int) {
    arguments = sizes
    bandBlocks = Int32(sourceBlocks)
    gradientBlocks = Int32(outputBlocks)
    setPadding()
    cutBands(bytes: bandBytes)
    arguments.images_per_task = 1
    scratchFloats = arguments.padded ? sourceFloats(rows: bandRows) : 0
  }

  /// The blocks of source and of output that a band holds.
  private let bandBlocks: Int32
  private var gradientBlocks: Int32 = 0

  private var phases: [convolution_phase] {
    withUnsafeBytes(of: arguments.phase) {
      Array($0.bindMemory(to: convolution_phase.self).prefix(Int(arguments.phases)))
    }
  }

  private mutating func setPadding() {
    let a = arguments
    var left: Int32 = 0
    var right: Int32 = a.source_width
    var padded = false
    for phase in phases {
      left = max(left, -phase.source_column)
      let lastColumn = (phase.output_columns - 1) * a.source_column_step + phase.source_column + columnReach(phase)
      let lastRow = (phase.output_rows - 1) * a.source_row_step + phase.source_row + rowReach(phase)
      right = max(right, lastColumn)
      padded = padded || phase.source_row < 0 || lastRow > a.source_height
    }
    arguments.first_source_row = phases.map(\.source_row).min() ?? 0
    arguments.padded = padded || left > 0 || right > a.source_width
    arguments.pad_left = left
    arguments.padded_width = left + right
  }

  /// Floats of the source in one image's band of `rows` phase rows.
  private func sourceFloats(rows: Int32) -> Int {
    Int(sourceRows(rows)) * Int(arguments.padded_width) * Int(bandBlocks * arguments.source_block)
  }

  private func bandFloats(rows: Int32) -> Int {
    let columns = phases.map(\.output_columns).max() ?? 0
    return sourceFloats(rows: rows) + Int(rows) * Int(columns) * Int(gradientBlocks) * vectorWidth
  }

  private func sourceRows(_ rows: Int32) -> Int32 {
    let reach = phases.map { $0.source_row - arguments.first_source_row + rowReach($0) }.max() ?? 0
    return (rows - 1) * arguments.source_row_step + reach
  }

  /// Source rows from a phase's first tap to its last.
  private func rowReach(_ phase: convolution_phase) -> Int32 {
    phase.kernel_rows == 0 ? 0 : (phase.kernel_rows - 1) * arguments.tap_row_step + 1
  }

  private func columnReach(_ phase: convolution_phase) -> Int32 {
    phase.kernel_columns == 0 ? 0 : (phase.kernel_columns - 1) * arguments.tap_column_step + 1
  }

  private var rows: Int32 { max(phases.map(\.output_rows).max() ?? 1, 1) }
  private var bandRows: Int32 { arguments.band_rows }

  private mutating func setBands(_ bands: Int32) {
    arguments.band_rows = (rows + bands - 1) / bands
    arguments.bands = (rows + arguments.band_rows - 1) / arguments.band_rows
    arguments.band_source_rows = sourceRows(arguments.band_rows)
  }

  private mutating func cutBands(bytes: Int) {
    var bands: Int32 = 1
    setBands(bands)
    while bandRows > 1, bandFloats(rows: bandRows) * 4 > bytes {
      bands += 1
      setBands(bands)
    }
  }

  private mutating func cutImages(bytes: Int) {
    arguments.images_per_task = 1
    let floats = sourceFloats(rows: arguments.band_rows)
    if arguments.bands == 1 {
      let fitting = Int32(clamping: bytes / max(floats * 4, 1))
      arguments.images_per_task = max(1, min(fitting, arguments.images / Int32(Self.leastTasks)))
    }
    scratchFloats = arguments.padded ? floats * Int(arguments.images_per_task) : 0
  }

  private mutating func cutBlocks() {
    let taps = phases.map { $0.kernel_rows * $0.kernel_columns }.max() ?? 1
    let blockBytes = max(taps, 1) * arguments.source_block * 32 * 4
    arguments.chunk_blocks = max(1, min(arguments.source_blocks, Int32(Self.chunkBytes) / blockBytes))
    arguments.block_parts = 1
    let pairs = (arguments.output_blocks + 1) / 2
    let others = Int32(tasks)
    if others < Self.leastTasks {
      arguments.block_parts = max(1, min(pairs, (Int32(Self.leastTasks) + others - 1) / others))
    }
  }
}

extension convolution_arguments {
  mutating func setPhases(_ list: [convolution_phase]) {
    precondition(list.count <= 16, "A walk has at most 16 phases.")
    phases = Int32(list.count)
    withUnsafeMutableBytes(of: &phase) { bytes in
      let target = bytes.bindMemory(to: convolution_phase.self)
      for (index, phase) in list.enumerated() { target[index] = phase }
    }
  }
}
