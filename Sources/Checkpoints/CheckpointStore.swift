import Files
import Synchronization

/// The checkpoints of a run: a folder with one folder per checkpoint, each of which is there whole or not at all.
///
/// One process at a time may write; any number may read meanwhile.
public final class CheckpointStore: Sendable {
  /// A checkpoint that is in the store, sound or not.
  public struct Entry: Sendable, Equatable {
    public let step: Int
    public let path: String
  }

  public let folder: String
  /// The steps that this process wrote, or read and found sound.
  let sound = Mutex<Set<Int>>([])

  /// A store to read from: nothing is touched, and the folder need not exist.
  public init(reading folder: String) { self.folder = folder }

  /// A store to write to: makes the folder if need be, and removes what killed writers left behind.
  public init(writing folder: String) throws(CheckpointError) {
    self.folder = folder
    try writing { () throws(FileError) in try FileSystem.makeFolders(folder) }
    try removeLeftovers()
  }

  /// The checkpoints in the store, in ascending order of steps; none if there is no store.
  public func list() throws(CheckpointError) -> [Entry] {
    guard FileSystem.entry(at: folder + "/.") != nil else { return [] }
    let names = try reading { () throws(FileError) in try FileSystem.names(in: folder) }
    return names.compactMap { name in
      guard let step = CheckpointName.step(of: name), FileSystem.entry(at: "\(folder)/\(name)") == .folder else {
        return nil
      }
      return Entry(step: step, path: "\(folder)/\(name)")
    }.sorted { $0.step < $1.step }
  }

  /// Opens and verifies one checkpoint of the store.
  public func load(_ entry: Entry) throws(CheckpointError) -> Checkpoint {
    let checkpoint = try Checkpoint(entry.path)
    guard checkpoint.state.step == entry.step else {
      throw .corrupt(entry.path, "it is of step \(checkpoint.state.step), so it was renamed")
    }
    sound.withLock { _ = $0.insert(entry.step) }
    return checkpoint
  }

  /// Opens the newest checkpoint that is sound; nil if the store is empty.
  ///
  /// Every newer one that is broken goes to `report`. Throws `corrupt` if all are broken, since a run that started anew
  /// would bury them, and `mismatch` if the newest sound one is of a newer format.
  public func latestValid(report: (CheckpointError) -> Void) throws(CheckpointError) -> Checkpoint? {
    let entries = try list()
    var newest: CheckpointError?
    for entry in entries.reversed() {
      do {
        return try load(entry)
      } catch {
        if error.kind == .mismatch { throw error }
        report(error)
        newest = newest ?? error
      }
    }
    guard let newest else { return nil }
    throw CheckpointError(
      newest.kind,
      "None of the \(entries.count) checkpoints in \(folder) can be used. \(newest.description)"
        + " Restore one from a copy, or start anew in another folder.")
  }
}
