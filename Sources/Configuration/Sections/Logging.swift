extension RunConfiguration {
  /// What is printed during the run.
  public struct Logging: Sendable, Equatable {
    /// Seconds between two lines on the console and in `metrics.jsonl`.
    public var everySeconds = 5.0

    public init() {}
  }
}

extension RunConfiguration.Logging: Section {
  static let keys: [Key<Self>] = [
    .value("everySeconds", \.everySeconds, .above(0, upTo: 86400))
  ]
}
