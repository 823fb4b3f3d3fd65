extension RunConfiguration {
  /// The length of the run: one of the two, never both.
  public struct Train: Sendable, Equatable {
    /// Passes over the training data; may have a fraction.
    public var epochs: Double?
    /// Optimizer steps.
    public var steps: Int?

    public init() {}
  }
}

extension RunConfiguration.Train: Section {
  static let keys: [Key<Self>] = [
    .value("epochs", \.epochs, .above(0, upTo: 1e6)),
    .value("steps", \.steps, .between(1, 1 << 40)),
  ]
}
