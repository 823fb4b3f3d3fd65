import Kernels
import Networks
import Tensors

/// Some rows of a parameter that get their first values together. A value depends on its place in the tensor alone, so
/// pieces can be written in any order, by any thread.
struct InitialPiece: Sendable {
  struct Target: @unchecked Sendable {  // Pieces write disjoint parts.
    /// The parameters.
    let arena: UnsafeMutablePointer<Float>
    let seed: UInt64
  }

  /// What a piece holds at least, unless its tensor is smaller.
  private static let leastCount = 1 << 16

  private let tensor: ParameterStore.Tensor
  private let initialization: Initialization
  /// Of random numbers.
  private let stream: Int
  private let rows: Range<Int>

  /// All pieces of a tensor: whole blocks of rows, so that no two share a vector of the arena.
  static func cut(_ tensor: ParameterStore.Tensor, _ initialization: Initialization, stream: Int) -> [InitialPiece] {
    let all = tensor.shape[0]
    let rowCount = max(tensor.count / all, 1)
    let rows = paddedToVector((leastCount + rowCount - 1) / rowCount)
    return stride(from: 0, to: all, by: rows).map {
      InitialPiece(
        tensor: tensor, initialization: initialization, stream: stream, rows: $0..<min($0 + rows, all))
    }
  }

  func write(to target: Target, on processor: Processor) {
    let rowCount = tensor.count / tensor.shape[0]
    let elements = rows.lowerBound * rowCount..<rows.upperBound * rowCount
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: elements.count)
    defer { values.deallocate() }
    guard let first = values.baseAddress else { return }
    switch initialization {
    case .constant(let value): values.initialize(repeating: value)
    case .normal(let deviation):
      processor.writeNormal(
        first, elements: elements, deviation: deviation, seed: target.seed, purpose: .initialization,
        stream: UInt32(stream))
    case .uniform(let bound):
      fillUniform(values, elements, target.seed) { _ in bound }
    case .uniformRows(let bounds):
      let boundCount = tensor.count / bounds.count
      fillUniform(values, elements, target.seed) { bounds[$0 / boundCount] }
    }
    tensor.mapping.read(rows: rows, fromFile: first, into: target.arena + tensor.range.lowerBound)
  }

  private func fillUniform(
    _ values: UnsafeMutableBufferPointer<Float>, _ elements: Range<Int>, _ seed: UInt64, bound: (Int) -> Float
  ) {
    var random = RandomStream(
      seed: seed, purpose: .initialization, sample: UInt64(stream), skipping: elements.lowerBound)
    for i in 0..<elements.count { values[i] = Float(random.uniform(-1, 1)) * bound(elements.lowerBound + i) }
  }
}
