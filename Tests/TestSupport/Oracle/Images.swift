public import Tensors

/// A batch of images, or of their features, as plain doubles in the order image, channel, row, column.
public struct Images: Sendable, Equatable {
  public let count: Int
  public let shape: Shape
  public var values: [Double]

  public init(count: Int, shape: Shape, values: [Double]) {
    precondition(values.count == count * shape.count)
    self.count = count
    self.shape = shape
    self.values = values
  }

  /// Zeros.
  public init(count: Int, shape: Shape) {
    self.init(count: count, shape: shape, values: [Double](repeating: 0, count: count * shape.count))
  }

  /// Reads a batch from memory in `layout`.
  public init(count: Int, shape: Shape, layout: Layout, floats: UnsafePointer<Float>) {
    self.init(count: count, shape: shape)
    let stride = shape.floats(in: layout)
    Self.forEachPlace(count, shape, layout) { index, image, place in
      values[index] = Double(floats[image * stride + place])
    }
  }

  /// The same values in `layout`; padding channels are zero.
  public func packed(in layout: Layout) -> [Float] {
    let stride = shape.floats(in: layout)
    var floats = [Float](repeating: 0, count: count * stride)
    Self.forEachPlace(count, shape, layout) { index, image, place in
      floats[image * stride + place] = Float(values[index])
    }
    return floats
  }

  public func map(_ transform: (Double) -> Double) -> Images {
    Images(count: count, shape: shape, values: values.map(transform))
  }

  /// Σ a·b.
  public func dot(_ other: Images) -> Double { zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 } }

  private static func forEachPlace(_ count: Int, _ shape: Shape, _ layout: Layout, _ body: (Int, Int, Int) -> Void) {
    var index = 0
    for image in 0..<count {
      for channel in 0..<shape.channels {
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            body(index, image, shape.index(channel: channel, row: row, column: column, in: layout))
            index += 1
          }
        }
      }
    }
  }
}

/// Whether all floats behind the last channel are exactly zero.
public func paddingIsZero(_ floats: [Float], count: Int, shape: Shape) -> Bool {
  let stride = shape.floats(in: .blocked)
  for image in 0..<count {
    for channel in shape.channels..<shape.blocks * vectorWidth {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let place = shape.index(channel: channel, row: row, column: column, in: .blocked)
          if floats[image * stride + place] != 0 { return false }
        }
      }
    }
  }
  return true
}
