import Files
import Glibc

extension CheckpointStore {
  /// Removes the hidden folders of writers that are dead, and gives back its name to a checkpoint that was set aside
  /// when its writer died.
  func removeLeftovers() throws(CheckpointError) {
    let names = try reading { () throws(FileError) in try FileSystem.names(in: folder) }
    for name in names {
      guard let hidden = CheckpointName.parseHidden(name) else { continue }
      try writing { () throws(FileError) in try removeIfAbandoned("\(folder)/\(name)", hidden) }
    }
  }

  private func removeIfAbandoned(
    _ path: String, _ hidden: (kind: CheckpointName.Hidden, step: Int, process: Int32)
  ) throws(FileError) {
    let lock: FileLock?
    do {
      lock = try FileLock.acquire(path)
      if lock == nil { return }
    } catch {
      // No locks here, or no longer a folder.
      if error.kind == .missing || isAlive(hidden.process) { return }
      lock = nil
    }
    let committed = "\(folder)/\(CheckpointName.committed(hidden.step))"
    if hidden.kind == .former, FileSystem.entry(at: committed) == nil {
      try FileSystem.renameNoReplace(path, to: committed)
      try FileSystem.syncFolder(folder)
    } else {
      // What cannot be removed only takes space: no reason to keep a run from starting.
      try? FileSystem.removeFolder(path)
    }
    _ = consume lock
  }

  private func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno != ESRCH }
}
