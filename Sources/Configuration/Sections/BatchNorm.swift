extension RunConfiguration {
  /// Batch normalisation, where it differs from what the network says.
  public struct BatchNorm: Sendable, Equatable {
    /// The weight of a new batch in the running statistics, as PyTorch counts it; null for the network's own.
    public var momentum: Double?
    /// Added to the variance; null for the network's own.
    public var epsilon: Double?

    public init() {}
  }
}

extension RunConfiguration.BatchNorm: Section {
  static let keys: [Key<Self>] = [
    .value("momentum", \.momentum, .above(0, upTo: 1)),
    .value("epsilon", \.epsilon, .above(0, upTo: 1)),
  ]
}
