public import Tensors

/// How a parameter lies in the arena (blocked, padded) and in files (PyTorch's layout, dense).
public enum TensorMapping: Hashable, Sendable {
  /// One value per channel.
  case vector(count: Int)
  /// Convolution weights; in files output × source × rows × columns.
  case convolution(outputs: Int, source: TensorType, kernel: Extent)
  /// Dense weights; in files output × feature, features in the order channel, row, column.
  case dense(outputs: Int, source: TensorType)

  /// The shape in files.
  public var fileShape: [Int] {
    switch self {
    case .vector(let count): [count]
    case .convolution(let outputs, let source, let kernel):
      [outputs, source.shape.channels, kernel.rows, kernel.columns]
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
    case .dense(let outputs, let source): paddedToVector(outputs) * paddedToVector(source.floats)
    }
  }

  /// Copies arena floats into file order.
  public func write(_ arena: UnsafePointer<Float>, toFile file: UnsafeMutablePointer<Float>) {
    forEachPair { fileIndex, arenaIndex in file[fileIndex] = arena[arenaIndex] }
  }

  /// Copies file floats into the arena, whose padding is not touched.
  public func read(fromFile file: UnsafePointer<Float>, into arena: UnsafeMutablePointer<Float>) {
    forEachPair { fileIndex, arenaIndex in arena[arenaIndex] = file[fileIndex] }
  }

  /// Calls `body` with the place in the file and in the arena of every value, in file order.
  private func forEachPair(_ body: (Int, Int) -> Void) {
    switch self {
    case .vector(let count):
      for i in 0..<count { body(i, i) }
    case .convolution(let outputs, let source, let kernel):
      let block = source.layout == .blocked ? vectorWidth : source.shape.channels
      let taps = kernel.rows * kernel.columns
      let perOutputBlock = floats / (paddedToVector(outputs) / vectorWidth)
      var fileIndex = 0
      for k in 0..<outputs {
        let outputBase = k / vectorWidth * perOutputBlock + k % vectorWidth
        for c in 0..<source.shape.channels {
          let sourceBase = outputBase + (c / block * taps * block + c % block) * vectorWidth
          for tap in 0..<taps {
            body(fileIndex, sourceBase + tap * block * vectorWidth)
            fileIndex += 1
          }
        }
      }
    case .dense(let outputs, let source):
      let featureFloats = paddedToVector(source.floats)
      let shape = source.shape
      var fileIndex = 0
      for k in 0..<outputs {
        let outputBase = k / vectorWidth * featureFloats * vectorWidth + k % vectorWidth
        for channel in 0..<shape.channels {
          for row in 0..<shape.height {
            for column in 0..<shape.width {
              let feature = shape.index(channel: channel, row: row, column: column, in: source.layout)
              body(fileIndex, outputBase + feature * vectorWidth)
              fileIndex += 1
            }
          }
        }
      }
    }
  }
}
