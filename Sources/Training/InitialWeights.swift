public import Checkpoints
import Execution
import Tensors

/// Weights that a run begins with instead of random ones: those of another run, or of another program (fine-tuning).
public struct InitialWeights: Sendable, Equatable {
  /// A safetensors file, a checkpoint, or a run directory for its newest one.
  public var path: String
  /// Whether tensors that do not fit the network keep their random start instead of ending the run.
  public var allowsMismatch: Bool
  /// Under which names the network has the file's tensors, where they differ.
  public var renames: [TensorRename]

  public init(_ path: String, allowsMismatch: Bool = false, renames: [TensorRename] = []) {
    self.path = path
    self.allowsMismatch = allowsMismatch
    self.renames = renames
  }
}

extension ModelTensors {
  /// Reads the tensors that the file, when it is renamed, and the network share in name and shape; those without
  /// a place are only checked. All must fit, unless mismatches are allowed; counters of batches do not matter.
  func readInitial(
    _ initial: InitialWeights, weights: UnsafeMutablePointer<Float>?, statistics: UnsafeMutablePointer<Float>?
  ) throws -> TensorMatch {
    let file = try SafetensorsFile(Checkpoint.modelFile(at: initial.path))
    let renamed = try initial.renamed(file)
    var match = TensorMatch(wanted: descriptions(store.parameters + store.statistics), found: renamed.tensors)
    let counters = Set(batchCounters)
    match.unexpected.removeAll { counters.contains($0) }
    guard match.isPerfect || initial.allowsMismatch else {
      throw TrainingError(
        .configuration,
        "\(file.path) does not fit the network: \(match). With --init-allow-mismatch what fits is taken, and the rest "
          + "begins as without the file.")
    }
    let strangers = Set(match.missing + match.mismatched)
    guard strangers.count < store.parameters.count + store.statistics.count else {
      throw TrainingError(.configuration, "\(file.path) has no tensor that the network has: \(match).")
    }
    let formerName = { renamed.formerNames[$0] ?? $0 }
    try read(file, store.parameters.filter { !strangers.contains($0.name) }, into: weights, stored: formerName)
    try read(file, store.statistics.filter { !strangers.contains($0.name) }, into: statistics, stored: formerName)
    return match
  }
}

extension InitialWeights {
  fileprivate func renamed(_ file: borrowing SafetensorsFile) throws(TrainingError) -> RenamedTensors {
    do {
      return try RenamedTensors(file.tensors, by: renames, path: file.path)
    } catch {
      throw TrainingError(.configuration, error.description)
    }
  }
}
