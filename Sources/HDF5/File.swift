import CHDF5
import Glibc

/// An open HDF5 file.
///
/// Files that are read are not trusted: links other than hard ones, external storage, virtual datasets and shapes
/// larger than the file are refused before anything is read.
public struct File: ~Copyable {
  let identifier: Identifier
  public let path: String
  /// The file's size when it was opened to be read; 0 for a file being written.
  public let byteCount: Int

  /// Opens an existing file to read it.
  ///
  /// No file lock is taken, so that read-only and network file systems work; `HDF5_USE_FILE_LOCKING` still decides
  /// where it is set.
  public init(reading path: String) throws(HDF5Error) {
    let action = "open \(path)"
    var status = stat()
    guard stat(path, &status) == 0 else {
      let number = errno
      throw HDF5Error("Could not \(action): \(String(cString: strerror(number))).", systemError: number)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw HDF5Error("Could not \(action): it is not a file.") }
    let access = try Self.access(action, locking: false)
    let opened = try Identifier(action) { chdf5_open_file(path, access.raw) }
    self.path = path
    byteCount = Int(status.st_size)
    identifier = opened
  }

  /// Creates a file, replacing one of the same name.
  public init(creating path: String) throws(HDF5Error) {
    let action = "create \(path)"
    let access = try Self.access(action, locking: true)
    let created = try Identifier(action) { chdf5_create_file(path, access.raw) }
    self.path = path
    byteCount = 0
    identifier = created
  }

  /// Writes everything that is pending and closes the file, so that a failure (a full disk) is thrown, not lost.
  public consuming func close() throws(HDF5Error) {
    let path = path
    let raw = identifier.raw
    try Library.call("write \(path)") { H5Fflush(raw, H5F_SCOPE_GLOBAL) }
    try identifier.close("close \(path)")
  }

  private static func access(_ action: String, locking: Bool) throws(HDF5Error) -> Identifier {
    let access = try Identifier(action) { chdf5_new_file_access() }
    let raw = access.raw
    // The plain POSIX driver, whatever the environment asks for.
    try Library.call(action) { H5Pset_fapl_sec2(raw) }
    try Library.call(action) { H5Pset_file_locking(raw, locking, true) }
    return access
  }
}

extension File {
  /// True when something of this name is linked in the file's root; does not follow the link.
  public borrowing func contains(_ name: String) -> Bool {
    let raw = identifier.raw
    return Library.run { chdf5_link_kind(raw, name) } >= 0
  }

  /// Creates the group `path`, whose parent must exist.
  public borrowing func createGroup(_ path: String) throws(HDF5Error) {
    let raw = identifier.raw
    let action = "create group \"\(path)\" of \(self.path)"
    _ = try Identifier(action) { H5Gcreate2(raw, path, 0, 0, 0) }
  }

  /// Refuses `path` unless every component of it is a hard link: a soft or external link may lead into any file that
  /// the user can read.
  borrowing func requireHardLinks(to path: String) throws(HDF5Error) {
    let raw = identifier.raw
    var prefix = ""
    for component in path.split(separator: "/") {
      prefix += "/" + component
      let current = prefix
      switch Library.run({ chdf5_link_kind(raw, current) }) {
      case 0: continue
      case 1: throw HDF5Error("Could not open \"\(path)\" of \(self.path): \"\(current)\" is a soft link.")
      case 2: throw HDF5Error("Could not open \"\(path)\" of \(self.path): \"\(current)\" is an external link.")
      default: throw HDF5Error("Could not open \"\(path)\" of \(self.path): there is no \"\(current)\".")
      }
    }
  }
}
