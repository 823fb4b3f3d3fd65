import Files

/// A checkpoint that is open for reading and was verified: every byte is what was written.
public struct Checkpoint: ~Copyable, Sendable {
  static let modelName = "model.safetensors"
  static let optimizerName = "optimizer.safetensors"
  static let stateName = "state.json"
  static let fileNames = [modelName, optimizerName, stateName]
  static let maximumStateBytes = 64 << 20

  /// The file of the weights of the checkpoint at `path`, or of the newest one of the run at `path`, or `path` itself
  /// if that is a file. Throws `mismatch` for the optimizer's file, whose tensors have the weights' names.
  public static func modelFile(at path: String) throws(CheckpointError) -> String {
    guard FileSystem.entry(at: path + "/.") == .folder else {
      guard path.split(separator: "/").last.map(String.init) != optimizerName else {
        throw CheckpointError(
          .mismatch,
          "\(path) has what an optimizer carries along, not weights; name the checkpoint, or its \(modelName).")
      }
      return path
    }
    let newest = try CheckpointStore(reading: path + "/checkpoints").list().last
    return "\(newest?.path ?? path)/\(modelName)"
  }

  public let path: String
  public let state: CheckpointState
  /// The weights and buffers of the network, under their PyTorch names.
  public let model: SafetensorsFile
  /// What the optimizer carries from step to step.
  public let optimizer: SafetensorsFile
  /// The bytes of all files but the manifest.
  public let bytes: Int

  /// Opens the checkpoint in a folder and reads all of it once to verify it.
  ///
  /// Throws `missing` when there is no such folder, `mismatch` when it is of a newer format, `io` when the disk fails,
  /// and `corrupt` when anything else is not as it was written.
  public init(_ path: String) throws(CheckpointError) {
    guard FileSystem.entry(at: path + "/.") == .folder else {
      throw CheckpointError(.missing, "There is no checkpoint at \(path). List them by: convoy checkpoint list.")
    }
    let manifest = try Self.manifest(in: path)
    let modelFile = try Self.open(Self.modelName, in: path, manifest)
    let optimizerFile = try Self.open(Self.optimizerName, in: path, manifest)
    let state = try Self.verifiedState(in: path, manifest)
    let hash = try Self.verify(modelFile, manifest)
    guard hash == state.weightsHash else {
      throw .corrupt(modelFile.path, "its weights hash is \(hash), and \(state.weightsHash) was written")
    }
    try Self.verify(optimizerFile, manifest)
    let model = try SafetensorsFile(modelFile)
    let optimizer = try SafetensorsFile(optimizerFile)

    self.path = path
    self.state = state
    self.model = model
    self.optimizer = optimizer
    bytes = manifest.bytes
  }
}
