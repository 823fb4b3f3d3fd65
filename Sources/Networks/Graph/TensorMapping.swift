public import Tensors

/// How a parameter lies in the arena (blocked, padded) and in files (PyTorch's layout, dense).
public enum TensorMapping: Hashable, Sendable {
  /// One value per channel.
  case vector(count: Int)
  /// Convolution weights; in files output × source × rows × columns.
  case convolution(outputs: Int, source: TensorType, kernel: Extent)
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
      let block = source.layout == .blocked ? vectorWidth : source.shape.channels
      let taps = kernel.rows * kernel.columns
      let perOutputBlock = floats / (paddedToVector(outputs) / vectorWidth)
      var fileIndex = 0
      for k in rows {
        let outputPlace = k / vectorWidth * perOutputBlock + k % vectorWidth
        for c in 0..<source.shape.channels {
          let sourcePlace = outputPlace + (c / block * taps * block + c % block) * vectorWidth
          for tap in 0..<taps {
            body(fileIndex, sourcePlace + tap * block * vectorWidth)
            fileIndex += 1
          }
        }
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
