extension RunConfiguration {
  /// The learning rate over time, set anew before every step.
  ///
  /// With W steps of warm-up and T steps in all, step s (from 0) has `learningRate` · (s + 1) / W while s < W, and then
  /// what the named rule says. Lengths in epochs may have fractions.
  public struct Schedule: Sendable, Equatable {
    /// The rule after warm-up.
    public enum Name: String, CaseIterable, Sendable {
      /// The learning rate stays.
      case constant
      /// Multiplied by `factor` every `stepEpochs`.
      case step
      /// Multiplied by `factor` at each of `milestonesEpochs`.
      case multistep
      /// end + (rate - end) · (1 - (s - W) / (T - W)) ^ `power`.
      case polynomial
      /// end + (rate - end) / 2 · (1 + cos(π · (s - W) / (T - W))).
      case cosine
    }

    /// The rule after warm-up.
    public var name = Name.cosine
    /// The length of the linear warm-up in epochs; 0 for none.
    public var warmupEpochs = 0.0
    /// The length of the linear warm-up in steps, instead of `warmupEpochs`.
    public var warmupSteps: Int?
    /// For step: epochs between two drops, from the start of the run.
    public var stepEpochs = 30.0
    /// For multistep: the epochs of the drops, from the start of the run, in rising order.
    public var milestonesEpochs: [Double] = []
    /// For step and multistep: what a drop multiplies the learning rate by.
    public var factor = 0.1
    /// For polynomial: the exponent.
    public var power = 1.0
    /// For polynomial and cosine: the learning rate at the end of the run.
    public var endLearningRate = 0.0

    public init() {}
  }
}

extension RunConfiguration.Schedule.Name: Choice {}

extension RunConfiguration.Schedule: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name),
    .value("warmupEpochs", \.warmupEpochs, .notNegative),
    .value("warmupSteps", \.warmupSteps, .between(0, 1 << 40)),
    .value("stepEpochs", \.stepEpochs, .positive),
    .value("milestonesEpochs", \.milestonesEpochs, .positive),
    .value("factor", \.factor, .above(0, upTo: 1)),
    .value("power", \.power, .positive),
    .value("endLearningRate", \.endLearningRate, .notNegative),
  ]
}
