import Glibc

/// A file operation that failed: what was done, on which path, why it failed.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a caller can do something about.
  public enum Kind: Sendable { case missing, exists, permission, diskFull, io }

  /// What was being done, such as "write".
  public let verb: String
  public let path: String
  public let kind: Kind
  /// The system's error number; 0 when no system call failed.
  public let code: Int32
  private let reason: String

  /// The failure that the system reports as `code`.
  public init(_ verb: String, _ path: String, code: Int32) {
    self.verb = verb
    self.path = path
    self.code = code
    kind = Kind(code: code)
    reason = Self.sentence(for: code)
  }

  /// A failure that the system does not number, such as a file that is too short.
  public init(_ verb: String, _ path: String, kind: Kind = .io, reason: String) {
    self.verb = verb
    self.path = path
    self.kind = kind
    self.reason = reason
    code = 0
  }

  public var description: String { "Could not \(verb) \(path): \(reason)." }
}

extension FileError.Kind {
  init(code: Int32) {
    self =
      switch code {
      case ENOENT, ENOTDIR: .missing
      case EEXIST, ENOTEMPTY: .exists
      case EACCES, EPERM, EROFS: .permission
      case ENOSPC, EDQUOT, EFBIG: .diskFull
      default: .io
      }
  }
}

extension FileError {
  private static func sentence(for code: Int32) -> String {
    switch code {
    case ENOENT: "it does not exist"
    case ENOTDIR: "part of the path is not a folder"
    case EISDIR: "it is a folder"
    case EEXIST: "it already exists"
    case ENOTEMPTY: "the folder is not empty"
    case EACCES, EPERM: "permission is denied; check the owner and mode of the file and of its folder"
    case EROFS: "the file system is read-only"
    case ENOSPC: "the disk is full; free some space or choose another folder"
    case EDQUOT: "the disk quota is used up; free some space or choose another folder"
    case EFBIG: "the file would exceed the size limit (ulimit -f, or the file system's)"
    case ELOOP: "it is a symbolic link, which is not followed here"
    case EIO: "the device reports an input/output error"
    case EMFILE, ENFILE: "too many files are open"
    case ENAMETOOLONG: "the name is too long"
    case ESTALE: "the network file system lost it (stale handle)"
    default: String(cString: strerror(code)).lowercasedFirst
    }
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
