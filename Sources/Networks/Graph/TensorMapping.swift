public import Tensors

/// How a parameter lies in the arena (blocked, padded) and in files (PyTorch's layout, dense).
public enum TensorMapping: Hashable, Sendable {
  /// One value per channel.
  case vector(count: Int)
  /// Convolution weights; in files output × source × rows × columns.
  case convolution(outputs: Int, source: TensorType, kernel: Extent)
  /// Weights of a convolution whose outputs see only some sources each, named in rising order; in files connection ×
  /// row × column, in the arena a full convolution's whose other weights are padding.
  case partialConvolution(sources: [[Int]], source: TensorType, kernel: Extent)
  /// Convolution weights of every output position alone, positions by rows; in files row × column × output × source ×
  /// kernel row × kernel column.
  case locallyConnected(positions: Extent, outputs: Int, source: TensorType, kernel: Extent)
  /// One value for every place of a blocked image; in files channel × row × column.
  case image(Shape)
  /// Dense weights; in files output × feature, features in the order channel, row, column.
  case dense(outputs: Int, source: TensorType)

  /// The shape in files.
  public var fileShape: [Int] {
    switch self {
    case .vector(let count): [count]
    case .convolution(let outputs, let source, let kernel):
      [outputs, source.shape.channels, kernel.rows, kernel.columns]
    case .partialConvolution(let sources, _, let kernel):
      [sources.reduce(0) { $0 + $1.count }, kernel.rows, kernel.columns]
    case .locallyConnected(let positions, let outputs, let source, let kernel):
      [positions.rows, positions.columns, outputs, source.shape.channels, kernel.rows, kernel.columns]
    case .image(let shape): [shape.channels, shape.height, shape.width]
    case .dense(let outputs, let source): [outputs, source.shape.count]
    }
  }

  /// The number of trainable values.
  public var count: Int { fileShape.reduce(1, *) }

  /// Floats in the arena: whole vectors.
  public var floats: Int {
    switch self {
    case .vector(let count): paddedToVector(count)
    case .convolution(let outputs, let source, let kernel):
      paddedToVector(outputs) * (source.layout == .blocked ? source.shape.blocks * vectorWidth : source.shape.channels)
        * kernel.rows * kernel.columns
    case .partialConvolution(let sources, let source, let kernel):
      TensorMapping.convolution(outputs: sources.count, source: source, kernel: kernel).floats
    case .locallyConnected(let positions, let outputs, let source, let kernel):
      positions.rows * positions.columns
        * TensorMapping.convolution(outputs: outputs, source: source, kernel: kernel).floats
    case .image(let shape): shape.floats(in: .blocked)
    case .dense(let outputs, let source): paddedToVector(outputs) * paddedToVector(source.floats)
    }
  }

  /// Copies rows (indices of the file's first axis) from the arena into file order; `file` is where the first of them
  /// goes.
  public func write(
    rows: Range<Int>, of arena: UnsafePointer<Float>, toFile file: UnsafeMutablePointer<Float>
  ) {
    forEachPair(in: rows) { fileIndex, arenaIndex in file[fileIndex] = arena[arenaIndex] }
  }

  /// Copies rows in file order into the arena, whose padding is not touched; `file` is where the first of them is.
  public func read(
    rows: Range<Int>, fromFile file: UnsafePointer<Float>, into arena: UnsafeMutablePointer<Float>
  ) {
    forEachPair(in: rows) { fileIndex, arenaIndex in arena[arenaIndex] = file[fileIndex] }
  }

  /// Copies all of the arena's values into file order.
  public func write(_ arena: UnsafePointer<Float>, toFile file: UnsafeMutablePointer<Float>) {
    write(rows: 0..<fileShape[0], of: arena, toFile: file)
  }

  /// Copies all values in file order into the arena.
  public func read(fromFile file: UnsafePointer<Float>, into arena: UnsafeMutablePointer<Float>) {
    read(rows: 0..<fileShape[0], fromFile: file, into: arena)
  }

  /// Calls `body` with the place in the file, counted from the first of `rows`, and in the arena of every value.
  private func forEachPair(in rows: Range<Int>, _ body: (Int, Int) -> Void) {
    switch self {
    case .vector:
      for row in rows { body(row - rows.lowerBound, row) }
    case .convolution(let outputs, let source, let kernel):
      let place = KernelPlace(outputs: outputs, source: source, kernel: kernel)
      var fileIndex = 0
      for k in rows {
        for c in 0..<source.shape.channels {
          for tap in 0..<place.taps {
            body(fileIndex, place(k, c, tap))
            fileIndex += 1
          }
        }
      }
    case .partialConvolution(let sources, let source, let kernel):
      let place = KernelPlace(outputs: sources.count, source: source, kernel: kernel)
      let connections = sources.enumerated().flatMap { output, seen in seen.map { (output, $0) } }
      for row in rows {
        let (k, c) = connections[row]
        for tap in 0..<place.taps { body((row - rows.lowerBound) * place.taps + tap, place(k, c, tap)) }
      }
    case .locallyConnected(let positions, let outputs, let source, let kernel):
      let ofPosition = TensorMapping.convolution(outputs: outputs, source: source, kernel: kernel)
      let (count, floats) = (ofPosition.count, ofPosition.floats)
      for position in rows.lowerBound * positions.columns..<rows.upperBound * positions.columns {
        let fileStart = (position - rows.lowerBound * positions.columns) * count
        ofPosition.forEachPair(in: 0..<outputs) { body(fileStart + $0, position * floats + $1) }
      }
    case .image(let shape):
      var fileIndex = 0
      for channel in rows {
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            body(fileIndex, shape.index(channel: channel, row: row, column: column, in: .blocked))
            fileIndex += 1
          }
        }
      }
    case .dense(_, let source):
      let featureFloats = paddedToVector(source.floats)
      let shape = source.shape
      var fileIndex = 0
      for k in rows {
        let outputPlace = k / vectorWidth * featureFloats * vectorWidth + k % vectorWidth
        for channel in 0..<shape.channels {
          for row in 0..<shape.height {
            for column in 0..<shape.width {
              let feature = shape.index(channel: channel, row: row, column: column, in: source.layout)
              body(fileIndex, outputPlace + feature * vectorWidth)
              fileIndex += 1
            }
          }
        }
      }
    }
  }
}

/// Where a convolution's weight for (output, source channel, tap) lies in the arena.
private struct KernelPlace {
  let taps: Int
  private let block: Int
  private let perOutputBlock: Int

  init(outputs: Int, source: TensorType, kernel: Extent) {
    taps = kernel.rows * kernel.columns
    block = source.layout == .blocked ? vectorWidth : source.shape.channels
    let floats = TensorMapping.convolution(outputs: outputs, source: source, kernel: kernel).floats
    perOutputBlock = floats / (paddedToVector(outputs) / vectorWidth)
  }

  func callAsFunction(_ output: Int, _ channel: Int, _ tap: Int) -> Int {
    output / vectorWidth * perOutputBlock + output % vectorWidth
      + (channel / block * taps * block + tap * block + channel % block) * vectorWidth
  }
}
