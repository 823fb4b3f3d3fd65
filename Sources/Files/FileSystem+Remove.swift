import Glibc

extension FileSystem {
  /// Removes a file or symbolic link; does nothing if it is not there.
  public static func removeFile(_ path: String) throws(FileError) {
    do {
      try WriteCall.remove.perform("remove", path) { _ in outcome(unlink(path)) }
    } catch {
      guard error.code == ENOENT else { throw error }
    }
  }

  /// Removes a folder with all that is in it; does nothing if it is not there.
  ///
  /// Symbolic links are removed, not followed.
  public static func removeFolder(_ path: String) throws(FileError) {
    guard entry(at: path) == .folder else { return try removeFile(path) }
    do {
      for name in try names(in: path) { try removeFolder(path + "/" + name) }
      try WriteCall.removeFolder.perform("remove folder", path) { _ in outcome(rmdir(path)) }
    } catch {
      guard error.code == ENOENT else { throw error }
    }
  }
}
