import Checkpoints
import Execution
import Networks
import Tensors

/// Named tensors on their way into a safetensors file.
struct ProbeResults {
  private var sources: [TensorSource] = []

  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    let description = TensorDescription(name, shape: shape)
    precondition(values.count == description.count, "\(name) does not have \(values.count) values.")
    sources.append(
      TensorSource(description) { rows, buffer in
        values.withUnsafeBytes { bytes in
          let start = rows.lowerBound * description.rowBytes
          buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + buffer.count]))
        }
      })
  }

  mutating func add(_ others: ProbeResults) { sources += others.sources }

  /// Tensors of an arena, in file order.
  mutating func add(
    prefix: String, _ tensors: [ParameterStore.Tensor], of arena: UnsafePointer<Float>
  ) {
    for tensor in tensors {
      var values = [Float](repeating: 0, count: tensor.count)
      values.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        tensor.mapping.write(arena + tensor.range.lowerBound, toFile: start)
      }
      add(prefix + tensor.name, tensor.shape, values)
    }
  }

  /// Features of a batch, which are blocked, with `gap` floats between images: N × C × H × W, or N × C where there is
  /// one pixel.
  mutating func add(_ name: String, images: Int, _ shape: Shape, blocked floats: UnsafePointer<Float>, gap: Int = 0) {
    var values: [Float] = []
    values.reserveCapacity(images * shape.count)
    let stride = shape.floats(in: .blocked) + gap
    for image in 0..<images {
      for channel in 0..<shape.channels {
        for row in 0..<shape.height {
          let first = image * stride + shape.index(channel: channel, row: row, column: 0, in: .blocked)
          for column in 0..<shape.width { values.append(floats[first + column * vectorWidth]) }
        }
      }
    }
    let axes = shape.pixels == 1 ? [images, shape.channels] : [images, shape.channels, shape.height, shape.width]
    add(name, axes, values)
  }

  /// Writes a new file.
  func write(to path: String) throws { try SafetensorsWriter.write(sources, to: path) }
}
