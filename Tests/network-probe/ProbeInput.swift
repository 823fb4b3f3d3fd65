import ArgumentParser
import Checkpoints
import Execution
import Networks
import Tensors

/// What is put into a network: a safetensors file that is checked to hold what the network has, and no more.
struct ProbeInput: ~Copyable {
  private let file: SafetensorsFile
  /// Of the images: N, C, H, W.
  let shape: [Int]

  init(_ path: String) throws {
    let file = try SafetensorsFile(path)
    let shape = file.description(of: "images")?.shape ?? []
    guard shape.count == 4, !shape.contains(0) else {
      throw ValidationError("\(path) holds no images of channels, height and width.")
    }
    for tensor in [
      TensorDescription("images", shape: shape), TensorDescription("labels", .int32, shape: [shape[0]]),
    ] where file.description(of: tensor.name) != tensor {
      throw ValidationError("\(path) does not hold \(tensor).")
    }
    self.file = file
    self.shape = shape
  }

  var count: Int { shape[0] }

  /// The images as networks take them: interleaved.
  func images() throws -> Arena {
    let values = try floats("images")
    let shape = Shape(channels: shape[1], height: shape[2], width: shape[3])
    let arena = Arena(count: count * shape.count)
    var place = 0
    for image in 0..<count {
      for channel in 0..<shape.channels {
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            let index = shape.index(channel: channel, row: row, column: column, in: .interleaved)
            arena.floats[image * shape.count + index] = values[place]
            place += 1
          }
        }
      }
    }
    return arena
  }

  func labels() throws -> [Int32] {
    var labels = [Int32](repeating: 0, count: count)
    var span = labels.mutableSpan
    try span.withUnsafeMutableBytes { buffer in try file.read("labels", into: buffer) }
    return labels
  }

  /// Reads tensors into their arena.
  func read(_ tensors: [ParameterStore.Tensor], into arena: UnsafeMutablePointer<Float>) throws {
    for tensor in tensors {
      try floats(tensor.name).withUnsafeBufferPointer { values in
        guard let start = values.baseAddress else { return }
        tensor.mapping.read(fromFile: start, into: arena + tensor.range.lowerBound)
      }
    }
  }

  /// Throws unless the file holds exactly these tensors besides images and labels.
  func require(_ tensors: [ParameterStore.Tensor]) throws {
    var unknown = Set(file.tensors.map(\.name)).subtracting(["images", "labels"])
    for tensor in tensors {
      guard file.description(of: tensor.name) == TensorDescription(tensor.name, shape: tensor.shape) else {
        throw ValidationError("\(file.path) has no tensor \(tensor.name) of shape \(tensor.shape).")
      }
      unknown.remove(tensor.name)
    }
    guard unknown.isEmpty else { throw ValidationError("The network has no \(unknown.sorted()).") }
  }

  private func floats(_ name: String) throws -> [Float] {
    var values = [Float](repeating: 0, count: file.description(of: name)?.count ?? 0)
    var span = values.mutableSpan
    try span.withUnsafeMutableBytes { buffer in try file.read(name, into: buffer) }
    return values
  }
}
