/// Why a configuration was refused, as one sentence that names the place, the key and what to write instead.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What kind of trouble it is, for the choice of an exit code.
  public enum Kind: Sendable {
    /// The file cannot be opened or read.
    case unreadable
    /// The text, an override or the combination of values is not a valid configuration.
    case invalid
  }

  public let kind: Kind
  public let description: String

  init(_ description: String, kind: Kind = .invalid) {
    self.kind = kind
    self.description = description
  }

  /// A refusal of something written at `origin`.
  init(_ origin: Origin, _ sentence: String) {
    self.init(origin.prefix + sentence)
  }
}
