import Files
import Glibc
import Training

/// A file that a command writes at its end, looked at in the beginning: what takes hours should not fail then.
struct OutputFile {
  let path: String

  /// Throws when `path` cannot become a file.
  init(_ path: String) throws {
    self.path = path
    try Self.requireFile(path)
    let folder = FileSystem.parent(of: path)
    guard access(folder, W_OK | X_OK) == 0 else {
      throw TrainingError(.cannotCreate, FileError("write", path, code: errno).description)
    }
  }

  /// Throws when `path` names a folder.
  static func requireFile(_ path: String) throws {
    if path.isEmpty || path.hasSuffix("/") || FileSystem.entry(at: path) == .folder {
      throw TrainingError(.cannotCreate, "Could not write \"\(path)\": it is a folder; give the name of a file.")
    }
  }

  /// Replaces the file whole.
  func write(_ bytes: [UInt8]) throws {
    do {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw TrainingError(.cannotCreate, error.description)
    }
  }

  func write(_ text: String) throws { try write(Array(text.utf8)) }
}
