/// How a launched program ended and what it wrote.
public struct ProgramRun: Sendable, CustomStringConvertible {
  /// The exit code; 128 + n after death by signal n, as a shell reports it.
  public let exitCode: Int
  /// Everything written to standard output.
  public let output: String
  /// Everything written to standard error.
  public let errors: String
  /// Whether the program was killed because it outlived its time limit.
  public let timedOut: Bool

  /// Whether the program ended by itself with exit code 0.
  public var succeeded: Bool { exitCode == 0 && !timedOut }

  /// For the comment of an `#expect`.
  public var description: String {
    """
    exit code \(exitCode)\(timedOut ? ", killed at its time limit" : "")
    --- standard output
    \(output)
    --- standard error
    \(errors)
    """
  }
}
