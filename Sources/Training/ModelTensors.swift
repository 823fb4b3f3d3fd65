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

  /// An arena of what is carried from step to step: its tensors have `prefix` before the names of parameters or
  /// statistics. Where there is no place for the floats, they are only checked.
  struct State {
    let prefix: String
    let tensors: [ParameterStore.Tensor]
    let floats: UnsafeMutablePointer<Float>?
  }

  func optimizer(_ states: [State]) -> [TensorSource] {
    states.flatMap { state in
      state.floats.map { sources(state.tensors, UnsafePointer($0), prefix: state.prefix) } ?? []
    }
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

  func readOptimizer(_ file: borrowing SafetensorsFile, _ states: [State]) throws {
    try file.requireExactly(states.flatMap { descriptions($0.tensors, prefix: $0.prefix) })
    for state in states { try read(file, state.tensors, into: state.floats) { state.prefix + $0 } }
  }

  func descriptions(_ tensors: [ParameterStore.Tensor], prefix: String = "") -> [TensorDescription] {
    tensors.map { TensorDescription(prefix + $0.name, shape: $0.shape) }
  }

  /// "bn1.num_batches_tracked" beside every "bn1.running_mean".
  var batchCounters: [String] {
    let suffix = "running_mean"
    return store.statistics.map(\.name).filter { $0.hasSuffix(suffix) }.map {
      $0.dropLast(suffix.count) + "num_batches_tracked"
    }
  }

  private func sources(
    _ tensors: [ParameterStore.Tensor], _ arena: UnsafePointer<Float>, prefix: String = ""
  ) -> [TensorSource] {
    tensors.map { tensor in
      let values = arena + tensor.range.lowerBound
      return TensorSource(TensorDescription(prefix + tensor.name, shape: tensor.shape)) { rows, buffer in
        guard let start = buffer.assumingMemoryBound(to: Float.self).baseAddress else { return }
        tensor.mapping.write(rows: rows, of: values, toFile: start)
      }
    }
  }

  /// Reads tensors that the file is known to have, under the names that `stored` makes of theirs.
  func read(
    _ file: borrowing SafetensorsFile, _ tensors: [ParameterStore.Tensor], into arena: UnsafeMutablePointer<Float>?,
    stored: (String) -> String = { $0 }
  ) throws {
    guard let arena else { return }
    for tensor in tensors {
      let values = Arena(count: tensor.count)
      try file.read(
        stored(tensor.name), into: UnsafeMutableRawBufferPointer(start: values.floats, count: 4 * tensor.count))
      tensor.mapping.read(fromFile: values.floats, into: arena + tensor.range.lowerBound)
    }
  }
}
