import Glibc

/// Why a run's record could not be kept, as one sentence: what was done, on what, why it failed, what to do.
public struct MetricsError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What kind of trouble it is, for the choice of an exit code.
  public enum Kind: Sendable {
    /// A file or folder cannot be created or opened for writing.
    case cannotCreate
    /// Another run uses the directory.
    case inUse
    /// Reading or writing failed: a full disk, a broken file system.
    case inputOutput
    /// A file that Convoy wrote holds something else.
    case invalid
  }

  public let kind: Kind
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// A system call that failed with `errno`.
  init(_ kind: Kind, _ action: String, _ path: String, _ code: Int32, hint: String = "") {
    let reason = String(cString: strerror(code))
    self.init(kind, "cannot \(action) \(path): \(reason)\(hint.isEmpty ? "" : "; \(hint)")")
  }
}
