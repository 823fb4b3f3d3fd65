/// How two stored tensors of one name, type and shape differ.
public struct TensorDifference: Sendable, Equatable, Codable {
  public let name: String
  /// The elements whose bytes differ.
  public let differing: Int
  /// The greatest absolute difference; infinite where NaN or infinity stands against another value, and nil for types
  /// of 8-bit floats, which are only compared byte by byte.
  public let greatest: Double?

  public init(name: String, differing: Int, greatest: Double?) {
    self.name = name
    self.differing = differing
    self.greatest = greatest
  }
}

/// How the tensors of two files differ.
public struct FileDifference: Sendable, Equatable {
  /// Which tensors of the first file lack in the second, or differ in type or shape, and which the second has beside.
  public let match: TensorMatch
  /// The tensors that both have, in the order of the first.
  public let tensors: [TensorDifference]

  /// Whether both files hold the same tensors with the same bytes.
  public var isEmpty: Bool { match.isPerfect && tensors.allSatisfy { $0.differing == 0 } }

  /// Compares all elements of two files.
  public init(_ first: borrowing SafetensorsFile, _ second: borrowing SafetensorsFile) throws(CheckpointError) {
    match = TensorMatch(wanted: first.tensors, found: second.tensors)
    var tensors: [TensorDifference] = []
    for tensor in first.tensors where second.description(of: tensor.name) == tensor {
      tensors.append(try ElementComparison.compare(tensor, first, second))
    }
    self.tensors = tensors
  }
}

/// How two checkpoints differ.
public struct CheckpointDifference: Sendable, Equatable {
  public let model: FileDifference
  public let optimizer: FileDifference

  public init(_ first: borrowing Checkpoint, _ second: borrowing Checkpoint) throws(CheckpointError) {
    model = try FileDifference(first.model, second.model)
    optimizer = try FileDifference(first.optimizer, second.optimizer)
  }

  public var isEmpty: Bool { model.isEmpty && optimizer.isEmpty }
}
