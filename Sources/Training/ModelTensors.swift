import Checkpoints
import Execution
import Networks
import Tensors

/// A network's tensors on their way between arenas and checkpoint files, under their PyTorch names.
struct ModelTensors {
  let store: ParameterStore

  /// Weights, running statistics and, as PyTorch keeps it, how many batches each norm layer has seen.
  func model(
    weights: UnsafePointer<Float>, statistics: UnsafePointer<Float>, batches: Int
  ) -> [TensorSource] {
    sources(store.parameters, weights) + sources(store.statistics, statistics)
      + batchCounters.map { TensorSource($0, scalar: Int64(batches)) }
  }

  /// The momentum of every parameter, under the parameter's name.
  func optimizer(velocity: UnsafePointer<Float>) -> [TensorSource] {
    sources(store.parameters, velocity)
  }

  /// Reads weights and statistics; nil places are skipped, their tensors only checked. All names and shapes must agree,
  /// but the batch counters may be missing.
  func readModel(
    _ file: borrowing SafetensorsFile, weights: UnsafeMutablePointer<Float>?, statistics: UnsafeMutablePointer<Float>
  ) throws {
    let counters = batchCounters
    try file.requireExactly(
      descriptions(store.parameters + store.statistics) + counters.map { TensorDescription($0, .int64, shape: []) },
      optional: Set(counters))
    try read(file, store.parameters, into: weights)
    try read(file, store.statistics, into: statistics)
  }

  func readOptimizer(_ file: borrowing SafetensorsFile, velocity: UnsafeMutablePointer<Float>) throws {
    try file.requireExactly(descriptions(store.parameters))
    try read(file, store.parameters, into: velocity)
  }

  func descriptions(_ tensors: [ParameterStore.Tensor]) -> [TensorDescription] {
    tensors.map { TensorDescription($0.name, shape: $0.shape) }
  }

  /// "bn1.num_batches_tracked" beside every "bn1.running_mean".
  var batchCounters: [String] {
    let suffix = "running_mean"
    return store.statistics.map(\.name).filter { $0.hasSuffix(suffix) }.map {
      $0.dropLast(suffix.count) + "num_batches_tracked"
    }
  }

  private func sources(_ tensors: [ParameterStore.Tensor], _ arena: UnsafePointer<Float>) -> [TensorSource] {
    tensors.map { tensor in
      let values = arena + tensor.range.lowerBound
      return TensorSource(TensorDescription(tensor.name, shape: tensor.shape)) { rows, buffer in
        guard let start = buffer.assumingMemoryBound(to: Float.self).baseAddress else { return }
        tensor.mapping.write(rows: rows, of: values, toFile: start)
      }
    }
  }

  func read(
    _ file: borrowing SafetensorsFile, _ tensors: [ParameterStore.Tensor], into arena: UnsafeMutablePointer<Float>?
  ) throws {
    guard let arena else { return }
    for tensor in tensors {
      let values = Arena(count: tensor.count)
      try file.read(tensor.name, into: UnsafeMutableRawBufferPointer(start: values.floats, count: 4 * tensor.count))
      tensor.mapping.read(fromFile: values.floats, into: arena + tensor.range.lowerBound)
    }
  }
}
