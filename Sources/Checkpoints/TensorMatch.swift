/// How the tensors of a file compare with those that a network wants.
public struct TensorMatch: Sendable, Equatable {
  /// Wanted, and not in the file.
  public var missing: [String] = []
  /// In the file, and not wanted.
  public var unexpected: [String] = []
  /// In both, but of another type or shape.
  public var mismatched: [String] = []

  public init(wanted: [TensorDescription], found: [TensorDescription]) {
    let foundByName = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0) })
    for tensor in wanted {
      switch foundByName[tensor.name] {
      case nil: missing.append(tensor.name)
      case tensor: break
      default: mismatched.append(tensor.name)
      }
    }
    let names = Set(wanted.map(\.name))
    unexpected = found.map(\.name).filter { !names.contains($0) }
  }

  public var isPerfect: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }
}

extension TensorMatch: CustomStringConvertible {
  public var description: String { description(naming: 5) }

  /// With every name.
  public var fullDescription: String { description(naming: .max) }

  private func description(naming most: Int) -> String {
    let lists = [("missing", missing), ("unexpected", unexpected), ("of another type or shape", mismatched)]
    let texts = lists.filter { !$1.isEmpty }.map { label, names in
      let shown = names.prefix(most).joined(separator: ", ") + (names.count > most ? ", …" : "")
      return "\(names.count) \(label) (\(shown))"
    }
    return texts.isEmpty ? "all tensors match" : texts.joined(separator: "; ")
  }
}

extension SafetensorsFile {
  /// Throws `mismatch` unless the file holds exactly the `wanted` tensors; those in `optional` may be missing.
  public borrowing func requireExactly(
    _ wanted: [TensorDescription], optional: Set<String> = []
  ) throws(CheckpointError) {
    var match = TensorMatch(wanted: wanted, found: tensors)
    match.missing.removeAll { optional.contains($0) }
    guard match.isPerfect else {
      throw CheckpointError(.mismatch, "\(path) does not fit the model: \(match).")
    }
  }
}

extension Checkpoint {
  /// Throws `mismatch` unless the checkpoint is of this model, data and seed, so that its run can go on.
  public borrowing func requireSameRun(
    model: String, dataIdentity: String, seed: UInt64
  ) throws(CheckpointError) {
    let facts = [
      ("model", state.model, model), ("data set", state.dataIdentity, dataIdentity),
      ("seed", "\(state.seed)", "\(seed)"),
    ]
    for (noun, stored, wanted) in facts where stored != wanted {
      throw CheckpointError(
        .mismatch,
        "Could not resume from \(path): its \(noun) is \"\(stored)\", and this run's is \"\(wanted)\"."
          + " Start anew in another folder, or with --resume none.")
    }
  }
}
