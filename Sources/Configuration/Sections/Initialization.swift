extension RunConfiguration {
  /// The weights before the first step, where the network leaves a choice.
  public struct Initialization: Sendable, Equatable {
    /// How the weights of convolutions and dense layers are drawn.
    public var weights = Weights.model
    /// The standard deviation of `weights: normal`.
    public var deviation = 0.01
    /// Where the biases of convolutions and dense layers begin; null for the network's own.
    public var biases: Double?
    /// Whether the last norm layer of every residual block starts with scale 0 and the block as the identity.
    ///
    /// Goyal et al. 2017, section 5.1.
    public var zeroGamma = false

    /// A rule by which weights are drawn.
    public enum Weights: String, Sendable, CaseIterable {
      /// The network's own, as published.
      case model
      /// N(0, 2/fan-in): He et al. 2015, "Delving deep into rectifiers".
      case he
      /// Uniform in ± √(6/(fan-in + fan-out)): Glorot and Bengio 2010.
      case glorot
      /// Uniform in ± √(3/fan-in): Caffe's "xavier".
      case xavier
      /// Uniform in ± 2.4/fan-in: LeCun et al. 1998.
      case lecun
      /// Uniform in ± 1/√fan-in: PyTorch's layers.
      case pytorch
      /// N(0, `deviation`²): Krizhevsky et al. 2012.
      case normal
      /// All zero: linear classifiers only.
      case zero
    }

    public init() {}
  }
}

extension RunConfiguration.Initialization: Section {
  static let keys: [Key<Self>] = [
    .value("weights", \.weights),
    .value("deviation", \.deviation, .positive),
    .value("biases", \.biases),
    .value("zeroGamma", \.zeroGamma),
  ]
}

extension RunConfiguration.Initialization.Weights: Choice {}
