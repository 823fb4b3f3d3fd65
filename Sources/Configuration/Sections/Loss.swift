extension RunConfiguration {
  /// Softmax cross entropy, the mean over the global batch.
  public struct Loss: Sendable, Equatable {
    /// The share of the target that is spread evenly over all classes, as PyTorch counts it.
    ///
    /// Szegedy et al. 2015, section 7.
    public var labelSmoothing = 0.0

    public init() {}
  }
}

extension RunConfiguration.Loss: Section {
  static let keys: [Key<Self>] = [
    .value("labelSmoothing", \.labelSmoothing, .from(0, below: 1))
  ]
}
