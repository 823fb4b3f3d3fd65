import Files

/// Why a checkpoint could not be written, found, read or used.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// What is stored is not what was written.
    case corrupt
    /// It is sound, but not for this run or this program.
    case mismatch
    case missing
    case io
    case diskFull
    case cannotCreate
  }

  public let kind: Kind
  /// One sentence or two: what was done, on what, why it failed, what to do.
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// The exit code of a command that ends with this error.
  public var exitCode: Int32 {
    switch kind {
    case .corrupt: 65
    case .missing: 66
    case .cannotCreate: 73
    case .io, .diskFull: 74
    case .mismatch: 83
    }
  }
}

extension CheckpointError {
  static func corrupt(_ path: String, _ reason: String) -> CheckpointError {
    CheckpointError(.corrupt, "\(path) is broken: \(reason).")
  }

  /// A failure while reading.
  init(reading error: FileError) {
    self.init(error.kind == .missing ? .missing : .io, error.description)
  }

  /// A failure while writing.
  init(writing error: FileError) {
    let kind: Kind =
      switch error.kind {
      case .diskFull: .diskFull
      case .missing, .permission, .exists: .cannotCreate
      case .io: .io
      }
    self.init(kind, error.description)
  }
}

/// Runs `body`; a file error becomes this module's.
func reading<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(CheckpointError) -> Result {
  do { return try body() } catch { throw CheckpointError(reading: error) }
}

/// Runs `body`; a file error becomes this module's.
func writing<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(CheckpointError) -> Result {
  do { return try body() } catch { throw CheckpointError(writing: error) }
}
