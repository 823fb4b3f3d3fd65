extension RunConfiguration {
  /// The weights before the first step, where the network leaves a choice.
  public struct Initialization: Sendable, Equatable {
    /// Whether the last norm layer of every residual block starts with scale 0 and the block as the identity.
    ///
    /// Goyal et al. 2017, section 5.1.
    public var zeroGamma = false

    public init() {}
  }
}

extension RunConfiguration.Initialization: Section {
  static let keys: [Key<Self>] = [
    .value("zeroGamma", \.zeroGamma)
  ]
}
