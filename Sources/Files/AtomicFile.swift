import Glibc

/// Files that are replaced whole: a reader, or a crash at any moment, sees the old or the new contents and no mixture.
public enum AtomicFile {
  /// Makes `path` a file that holds `contents`, and returns once it is on the disk.
  ///
  /// A symbolic link at `path` is replaced, not followed. If it throws, `path` is as before, except that a failed sync
  /// of the folder leaves it open which of the two a power failure keeps.
  public static func write(_ contents: [UInt8], to path: String, mode: UInt32 = 0o666) throws(FileError) {
    let folder = FileSystem.parent(of: path)
    let temporary = "\(folder)/.\(FileSystem.name(of: path)).tmp-\(getpid())-\(TemporaryName.nonce())"
    var file = try DurableFile(creating: temporary, reservedBytes: contents.count, mode: mode)
    try file.write(contents)
    _ = try file.finish()
    do {
      try FileSystem.rename(temporary, to: path)
    } catch {
      try? FileSystem.removeFile(temporary)
      throw error
    }
    try FileSystem.syncFolder(folder)
  }

  /// Makes `path` a file that holds `text` in UTF-8.
  public static func write(_ text: String, to path: String, mode: UInt32 = 0o666) throws(FileError) {
    try write(Array(text.utf8), to: path, mode: mode)
  }
}

/// Names that no other process or thread chooses.
public enum TemporaryName {
  /// 16 random hexadecimal digits.
  public static func nonce() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
