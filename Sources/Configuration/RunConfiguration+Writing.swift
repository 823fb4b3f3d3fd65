extension RunConfiguration {
  /// Every key with its value, in a fixed order; reading it gives an equal configuration.
  public func resolvedYAML() -> String {
    YAMLText.document(content)
  }

  /// A key whose value is not the same in two configurations.
  public struct Difference: Sendable, Equatable {
    public let path: String
    /// The values as YAML.
    public let value: String
    public let otherValue: String
  }

  /// The keys in which `other` differs, in order; for the message of a resume that does not fit its checkpoint.
  public func differences(from other: RunConfiguration) -> [Difference] {
    let mine = Entry(content: content, origin: .program)
    let theirs = Entry(content: other.content, origin: .program)
    return Self.keyPaths.compactMap { path in
      guard let value = mine.member(at: path), let otherValue = theirs.member(at: path), value != otherValue
      else { return nil }
      return Difference(
        path: path, value: YAMLText.scalar(value.entry.content), otherValue: YAMLText.scalar(otherValue.entry.content))
    }
  }
}
