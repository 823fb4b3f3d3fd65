import Files
import Synchronization

extension CheckpointStore {
  /// A checkpoint that was saved.
  public struct Saved: Sendable, Equatable {
    public let entry: Entry
    public let weightsHash: String
    /// The bytes of all files but the manifest.
    public let bytes: Int
  }

  /// Saves a checkpoint; when this returns it is on the disk, and stays there through a power failure.
  ///
  /// If it throws, or the process dies in it at any moment, the checkpoints that were there before are untouched. One
  /// of the same step, from an earlier life of the run, is replaced in one step. Traps if two tensors have one name.
  @discardableResult
  public func save(
    model: [TensorSource], optimizer: [TensorSource], state: CheckpointState
  ) throws(CheckpointError) -> Saved {
    sound.withLock { _ = $0.remove(state.step) }
    do {
      let saved = try replaceOrAdd(model, optimizer, state)
      sound.withLock { _ = $0.insert(state.step) }
      return saved
    } catch {
      let failure = CheckpointError(writing: error)
      throw CheckpointError(
        failure.kind, "Step \(state.step) was not saved. \(failure.description) Earlier checkpoints are untouched.")
    }
  }

  private func replaceOrAdd(
    _ model: [TensorSource], _ optimizer: [TensorSource], _ state: CheckpointState
  ) throws(FileError) -> Saved {
    let entry = Entry(step: state.step, path: "\(folder)/\(CheckpointName.committed(state.step))")
    let temporary = "\(folder)/\(CheckpointName.hidden(.temporary, state.step))"
    try FileSystem.makeFolder(temporary, mode: 0o700)
    // Tells other processes that the writer is alive; where there are no locks, its process number does.
    let lock = (try? FileLock.acquire(temporary)) ?? nil
    let saved: Saved
    let former: String?
    do {
      saved = try write(model, optimizer, state, in: temporary, as: entry)
      former = try commit(temporary, as: entry)
    } catch {
      try? FileSystem.removeFolder(temporary)
      throw error
    }
    try FileSystem.syncFolder(folder)
    if let former { try? FileSystem.removeFolder(former) }
    _ = consume lock
    return saved
  }

  /// Writes the files of a checkpoint, the manifest last, and brings them and their names to the disk.
  private func write(
    _ model: [TensorSource], _ optimizer: [TensorSource], _ state: CheckpointState, in temporary: String,
    as entry: Entry
  ) throws(FileError) -> Saved {
    let weights = try SafetensorsWriter.write(model, to: "\(temporary)/\(Checkpoint.modelName)")
    let momenta = try SafetensorsWriter.write(optimizer, to: "\(temporary)/\(Checkpoint.optimizerName)")
    var state = state
    state.weightsHash = weights.hash
    let stateDigest = try Self.write(JSONText.encode(state), to: "\(temporary)/\(Checkpoint.stateName)")
    let digests = [
      Checkpoint.modelName: weights.digest, Checkpoint.optimizerName: momenta.digest,
      Checkpoint.stateName: stateDigest,
    ]
    let manifest = Manifest(step: state.step, createdBy: state.createdBy, digests: digests)
    _ = try Self.write(manifest.encoded(), to: "\(temporary)/\(Manifest.name)")
    // Whoever may look into the store may look into its checkpoints.
    try FileSystem.changeMode(of: temporary, to: FileSystem.mode(of: folder) ?? 0o755)
    try FileSystem.syncFolder(temporary)
    return Saved(
      entry: entry, weightsHash: weights.hash, bytes: digests.values.reduce(0) { $0 + $1.bytes })
  }

  private static func write(_ contents: [UInt8], to path: String) throws(FileError) -> FileDigest {
    var file = try DurableFile(creating: path, reservedBytes: contents.count)
    try file.write(contents)
    return try file.finish()
  }

  /// Gives a written checkpoint its name.
  ///
  /// Returns where the former owner of that name is now, if there was one.
  private func commit(_ temporary: String, as entry: Entry) throws(FileError) -> String? {
    do {
      try FileSystem.renameNoReplace(temporary, to: entry.path)
      return nil
    } catch {
      guard error.kind == .exists else { throw error }
    }
    if try FileSystem.exchange(temporary, entry.path) { return temporary }
    // Two renames, where the file system cannot exchange. `removeLeftovers` ends it if the process dies in between.
    let former = "\(folder)/\(CheckpointName.hidden(.former, entry.step))"
    try FileSystem.rename(entry.path, to: former)
    do {
      try FileSystem.rename(temporary, to: entry.path)
    } catch {
      try? FileSystem.rename(former, to: entry.path)
      throw error
    }
    return former
  }
}
