/// Why work on shards or on their images failed: a kind for the exit code and one sentence for the user.
public struct ShardError: Error, CustomStringConvertible, Sendable {
  /// What sort of failure this is.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// A file or an image does not hold what it should.
    case badData
    /// An input is not there.
    case missing
    /// An output is already there.
    case exists
    /// An output cannot be created.
    case cannotCreate
    /// The system failed to read or write.
    case io
    /// There is no space left, or the quota is used up.
    case diskFull
  }

  public let kind: Kind
  /// What was done, on what, why it failed, and what to do.
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
