import Glibc

/// Folders and names: making, listing, renaming, removing, and bringing them to the disk.
public enum FileSystem {
  /// What a name stands for; symbolic links are not followed.
  public enum Entry: Sendable { case file, folder, link, other }

  /// What is at `path`; nil if nothing is.
  public static func entry(at path: String) -> Entry? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// The permission bits of what is at `path`; nil if nothing is.
  public static func mode(of path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(status.st_mode & 0o7777) : nil
  }

  /// The names in a folder, sorted by their bytes.
  public static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError("list", folder, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw FileError("list", folder, code: errno) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes a folder that must not exist; `mode` is narrowed by the umask.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o777) throws(FileError) {
    try WriteCall.makeFolder.perform("create folder", path) { _ in outcome(mkdir(path, mode_t(mode))) }
  }

  /// Makes a folder and those above it, durably; does nothing if it is there.
  public static func makeFolders(_ path: String) throws(FileError) {
    if isFolder(path) { return }
    let parent = parent(of: path)
    if parent != path { try makeFolders(parent) }
    do {
      try makeFolder(path)
    } catch {
      // Somebody else was faster.
      guard error.kind == .exists, isFolder(path) else { throw error }
    }
    try syncFolder(parent)
  }

  /// Sets the permission bits.
  public static func changeMode(of path: String, to mode: UInt32) throws(FileError) {
    try WriteCall.changeMode.perform("change the mode of", path) { _ in outcome(chmod(path, mode_t(mode))) }
  }

  /// Brings the names in a folder to the disk.
  public static func syncFolder(_ path: String) throws(FileError) {
    let opened = try uninterrupted("open folder", path) {
      outcome(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }
    defer { close(Int32(opened)) }
    try WriteCall.syncFolder.perform("bring to the disk the folder", path) { _ in
      let result = outcome(fsync(Int32(opened)))
      // Some network file systems have nothing to sync in a folder and say so.
      return result == -Int(EINVAL) ? 0 : result
    }
  }

  /// The folder that holds `path`.
  public static func parent(of path: String) -> String {
    let trimmed = path.droppingTrailingSlashes
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash]).droppingTrailingSlashes
  }

  /// The last component of `path`.
  public static func name(of path: String) -> String {
    let trimmed = path.droppingTrailingSlashes
    return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Runs a call that does not change the disk until no signal interrupts it.
  static func uninterrupted(_ verb: String, _ path: String, _ call: () -> Int) throws(FileError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      guard result == -Int(EINTR) else { throw FileError(verb, path, code: Int32(-result)) }
    }
  }
}

extension String {
  fileprivate var droppingTrailingSlashes: String {
    var text = self[...]
    while text.count > 1, text.last == "/" { text.removeLast() }
    return String(text)
  }
}
