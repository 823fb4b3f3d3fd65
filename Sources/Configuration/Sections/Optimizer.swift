extension RunConfiguration {
  /// Stochastic gradient descent as PyTorch's `torch.optim.SGD` computes it.
  public struct Optimizer: Sendable, Equatable {
    /// The update rule.
    public enum Name: String, CaseIterable, Sendable {
      case sgd
    }

    /// The update rule.
    public var name = Name.sgd
    /// The learning rate at the end of warm-up, which the schedule then lowers.
    public var learningRate = 0.1
    /// The share of the last update that is kept.
    public var momentum = 0.9
    /// Whether the gradient is taken ahead of the momentum step (Nesterov).
    public var nesterov = false
    /// The factor of the weights that is added to their gradient.
    public var weightDecay = 1e-4
    /// Whether biases and the scales and shifts of norm layers are decayed too, as in PyTorch.
    public var decayNormAndBias = true

    public init() {}
  }
}

extension RunConfiguration.Optimizer.Name: Choice {}

extension RunConfiguration.Optimizer: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name),
    .value("learningRate", \.learningRate, .notNegative),
    .value("momentum", \.momentum, .from(0, below: 1)),
    .value("nesterov", \.nesterov),
    .value("weightDecay", \.weightDecay, .notNegative),
    .value("decayNormAndBias", \.decayNormAndBias),
  ]
}
