/// Why a command failed: what scripts tell apart by the exit code.
public enum FailureKind: Int32, Sendable {
  case usage = 64
  case badData = 65
  case missing = 66
  case cluster = 69
  case `internal` = 70
  case cannotCreate = 73
  case inputOutput = 74
  /// Stopped on request, with a checkpoint: start the same command again.
  case preempted = 75
  case configuration = 78
  case notFinite = 80
  case diverged = 81
  case stalled = 82
  case resumeMismatch = 83
}

/// A failed run as one sentence: what was done, on what, why it failed, what to do.
public struct TrainingError: Error, CustomStringConvertible, Sendable {
  public let kind: FailureKind
  public let description: String

  public init(_ kind: FailureKind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
