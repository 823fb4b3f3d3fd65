import Files

/// What is in a checkpoint, without its elements: what `convoy checkpoint inspect` shows.
public struct CheckpointSummary: Sendable, Equatable, Codable {
  public let path: String
  public let state: CheckpointState
  /// The bytes of all files but the manifest.
  public let bytes: Int
  public let model: [TensorDescription]
  public let optimizer: [TensorDescription]

  /// Reads manifest, state and headers; damage to the elements goes unnoticed.
  public init(_ path: String) throws(CheckpointError) {
    let manifest = try Checkpoint.manifest(in: path)
    state = try Checkpoint.verifiedState(in: path, manifest)
    model = try SafetensorsFile(try Checkpoint.open(Checkpoint.modelName, in: path, manifest)).tensors
    optimizer = try SafetensorsFile(try Checkpoint.open(Checkpoint.optimizerName, in: path, manifest)).tensors
    bytes = manifest.bytes
    self.path = path
  }
}

extension Manifest {
  /// The bytes of all files that it lists.
  var bytes: Int { files.values.reduce(0) { $0 + $1.bytes } }
}
