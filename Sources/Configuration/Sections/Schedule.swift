extension RunConfiguration {
  /// The learning rate over time, set anew before every step.
  ///
  /// With W steps of warm-up from the rate `warmupLearningRate` and T steps in all, step s (from 0) has
  /// start + (rate - start) · (s + 1) / W while s < W, and then what the named rule says; rate is the optimizer's
  /// `learningRate`, scaled with the batch where that is asked for. Lengths in epochs may have fractions.
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
      /// rate · (1 + `gamma` · (s - W)) ^ -`power` (Caffe's `inv`).
      case inverse
      /// end + (rate - end) / 2 · (1 + cos(π · (s - W) / (T - W))).
      case cosine
      /// Multiplied by `factor` whenever `plateauEvaluations` evaluations in a row were not better than the best one.
      ///
      /// What Krizhevsky et al. 2012, section 5, and He et al. 2015, section 3.4, did by hand.
      case plateau
    }

    /// The rule after warm-up.
    public var name = Name.cosine
    /// The length of the linear warm-up in epochs; 0 for none.
    public var warmupEpochs = 0.0
    /// The length of the linear warm-up in steps, instead of `warmupEpochs`.
    public var warmupSteps: Int?
    /// The learning rate from which warm-up rises.
    ///
    /// Goyal et al. 2017, section 2.2: that of the small batch.
    public var warmupLearningRate = 0.0
    /// For step: epochs between two drops, from the start of the run.
    public var stepEpochs = 30.0
    /// For multistep: the epochs of the drops, from the start of the run, in rising order.
    public var milestonesEpochs: [Double] = []
    /// For step, multistep and plateau: what a drop multiplies the learning rate by.
    public var factor = 0.1
    /// For plateau: evaluations without a new best one before a drop.
    public var plateauEvaluations = 5
    /// For plateau: what makes an evaluation the best one.
    public var plateauMeasure = Checkpoint.Measure.top1
    /// For polynomial and inverse: the exponent.
    public var power = 1.0
    /// For inverse: how fast the learning rate falls, per step.
    ///
    /// Caffe's `lenet_solver.prototxt`.
    public var gamma = 1e-4
    /// For polynomial and cosine: the learning rate at the end of the run; for plateau: the lowest one.
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
    .value("warmupLearningRate", \.warmupLearningRate, .notNegative),
    .value("stepEpochs", \.stepEpochs, .positive),
    .value("milestonesEpochs", \.milestonesEpochs, .positive),
    .value("factor", \.factor, .above(0, upTo: 1)),
    .value("plateauEvaluations", \.plateauEvaluations, .between(1, 1 << 24)),
    .value("plateauMeasure", \.plateauMeasure),
    .value("power", \.power, .positive),
    .value("gamma", \.gamma, .positive),
    .value("endLearningRate", \.endLearningRate, .notNegative),
  ]
}
