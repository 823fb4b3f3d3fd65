extension RunConfiguration {
  /// How convolutions are computed.
  public enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
    /// By a rule of the layer's shape alone.
    case auto
    /// As a sum of products.
    case direct
    /// By Winograd's minimal filtering wherever it applies.
    case winograd
  }
}

extension RunConfiguration.ConvolutionAlgorithm: Choice {}
