import CFiles
import Glibc

extension FileSystem {
  /// Gives a file or folder another name in the same file system; a file at `new` is replaced in one step.
  ///
  /// A folder replaces only an empty folder.
  public static func rename(_ old: String, to new: String) throws(FileError) {
    try WriteCall.rename.perform("rename \(old) to", new) { _ in outcome(Glibc.rename(old, new)) }
  }

  /// Gives a file or folder another name, if nothing has that name; else throws `exists`.
  public static func renameNoReplace(_ old: String, to new: String) throws(FileError) {
    do {
      try WriteCall.rename.perform("rename \(old) to", new) { _ in outcome(cfiles_rename_no_replace(old, new)) }
    } catch {
      guard lacksSupport(error) else { throw error }
      try renameNoReplacePortably(old, to: new)
    }
  }

  /// Swaps two names in one step; false, and nothing done, where the file system cannot, as on NFS.
  public static func exchange(_ first: String, _ second: String) throws(FileError) -> Bool {
    do {
      try WriteCall.exchange.perform("exchange \(first) and", second) { _ in outcome(cfiles_exchange(first, second)) }
      return true
    } catch {
      guard lacksSupport(error) else { throw error }
      return false
    }
  }

  /// For file systems without RENAME_NOREPLACE: links do not replace, and folders replace empty folders at most.
  private static func renameNoReplacePortably(_ old: String, to new: String) throws(FileError) {
    guard entry(at: old) != .folder else {
      guard entry(at: new) == nil else { throw FileError("rename \(old) to", new, code: EEXIST) }
      return try rename(old, to: new)
    }
    try WriteCall.rename.perform("link \(old) to", new) { _ in outcome(link(old, new)) }
    try removeFile(old)
  }

  private static func lacksSupport(_ error: FileError) -> Bool { error.code == EINVAL || error.code == ENOSYS }
}
