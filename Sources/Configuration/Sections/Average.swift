extension RunConfiguration {
  /// Averages of the weights over the steps, which evaluation and `model.safetensors` have in place of the last ones.
  ///
  /// Running statistics are averaged alike. Training itself goes on from the weights that are not averaged; checkpoints
  /// keep both.
  public struct Average: Sendable, Equatable {
    /// How weights are averaged.
    public enum Name: String, CaseIterable, Sendable {
      /// Behind every step, average = `decay` · average + (1 − `decay`) · weights.
      case ema
      /// The plain mean of the weights behind every step (Polyak and Juditsky 1992).
      case polyak
    }

    /// How weights are averaged; null for not at all.
    public var name: Name?
    /// For ema: the share of the average that is kept; null for 0.9999, with which Szegedy et al. 2015 published
    /// the code of "Rethinking the Inception architecture".
    public var decay: Double?
    /// The steps before averaging begins: until then the average is the weights themselves.
    public var fromStep = 0

    /// Null filled in.
    public var resolvedDecay: Double { decay ?? 0.9999 }

    public init() {}
  }
}

extension RunConfiguration.Average.Name: Choice {}

extension RunConfiguration.Average: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name),
    .value("decay", \.decay, .from(0, below: 1)),
    .value("fromStep", \.fromStep, .between(0, 1 << 40)),
  ]
}
