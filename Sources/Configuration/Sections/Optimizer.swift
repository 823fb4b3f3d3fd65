extension RunConfiguration {
  /// The rule that turns gradients into new weights, and what is done to both on the way.
  ///
  /// Where a key belongs to some rules only, its default is null: the rule's own.
  public struct Optimizer: Sendable, Equatable {
    /// The update rule.
    public enum Name: String, CaseIterable, Sendable {
      /// Stochastic gradient descent with momentum, as PyTorch's `torch.optim.SGD` computes it.
      case sgd
      /// Layer-wise adaptive rates (You, Gitman and Ginsburg 2017, algorithm 1): sgd whose gradient is multiplied, in
      /// every weight tensor, by `trustCoefficient` · ‖w‖ / (‖g‖ + `weightDecay` · ‖w‖). Biases and norm layers are
      /// as in sgd.
      case lars
      /// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch's `torch.optim.AdamW` computes it.
      case adamw
      /// Layer-wise adaptive moments (You et al. 2020, algorithm 2): adamw's direction u, in every weight tensor
      /// multiplied by ‖w‖ / ‖u‖. Biases and norm layers are as in adamw.
      case lamb
    }

    /// Where the learning rate enters momentum.
    public enum MomentumForm: String, CaseIterable, Sendable {
      /// v = momentum · v + g; w −= rate · v.
      case torch
      /// v = momentum · v + rate · g; w −= v, as in Caffe and in Krizhevsky et al. 2012, section 5.
      case caffe
    }

    /// The update rule.
    public var name = Name.sgd
    /// The learning rate at the end of warm-up, which the schedule then lowers.
    public var learningRate = 0.1
    /// The global batch that `learningRate` is meant for: it is multiplied by `batch.global` / `scaleBatch`; null
    /// takes it as it is.
    ///
    /// The linear scaling rule of Goyal et al. 2017, section 2.1, has 256.
    public var scaleBatch: Int?
    /// For sgd and lars: the share of the last update that is kept.
    public var momentum = 0.9
    /// For sgd and lars: whether the gradient is taken ahead of the momentum step (Nesterov).
    public var nesterov = false
    /// For sgd and lars: where the learning rate enters; null for torch with sgd, and for caffe with lars, as it was
    /// published.
    public var momentumForm: MomentumForm?
    /// For the caffe form: whether the velocity is multiplied by the new learning rate over the last one.
    ///
    /// Goyal et al. 2017, section 3, remark 2.
    public var momentumCorrection = false
    /// For lars: the trust coefficient η; null for 0.001 (You et al. 2017).
    public var trustCoefficient: Double?
    /// For adamw and lamb: the share of the first moment that is kept; null for 0.9 (Kingma and Ba 2015, section 2).
    public var beta1: Double?
    /// For adamw and lamb: the share of the second moment that is kept; null for 0.999 (Kingma and Ba 2015, section 2).
    public var beta2: Double?
    /// For adamw and lamb: what is added to the root of the second moment; null for 1e-8 (Kingma and Ba 2015) with
    /// adamw and 1e-6 with lamb, as in its authors' code.
    public var epsilon: Double?
    /// The factor of the weights that is added to their gradient; with adamw and lamb to the direction instead.
    public var weightDecay = 1e-4
    /// Whether biases and the scales and shifts of norm layers are decayed too, as in PyTorch.
    public var decayNormAndBias = true
    /// Above this norm the gradient of all parameters together is scaled down to it; null for no limit.
    ///
    /// Pascanu et al. 2013, algorithm 1.
    public var clipNorm: Double?
    /// Each value of the gradient is kept within plus and minus this; null for no limit.
    public var clipValue: Double?
    /// Behind every step each filter of a convolution whose root mean square is above this is scaled back to it; null
    /// for none.
    ///
    /// Zeiler and Fergus 2014, section 3, have 0.1.
    public var filterRenormalization: Double?

    public init() {}
  }
}

extension RunConfiguration.Optimizer {
  /// Null keys filled in.
  public var resolvedMomentumForm: MomentumForm { momentumForm ?? (name == .lars ? .caffe : .torch) }
  public var resolvedTrustCoefficient: Double { trustCoefficient ?? 0.001 }
  public var resolvedBeta1: Double { beta1 ?? 0.9 }
  public var resolvedBeta2: Double { beta2 ?? 0.999 }
  public var resolvedEpsilon: Double { epsilon ?? (name == .lamb ? 1e-6 : 1e-8) }
}

extension RunConfiguration {
  /// The learning rate at the end of warm-up: `optimizer.learningRate`, scaled with the batch where that is asked for.
  public var peakLearningRate: Double {
    guard let scaleBatch = optimizer.scaleBatch else { return optimizer.learningRate }
    return optimizer.learningRate * Double(batch.global) / Double(scaleBatch)
  }
}

extension RunConfiguration.Optimizer.Name: Choice {}
extension RunConfiguration.Optimizer.MomentumForm: Choice {}

extension RunConfiguration.Optimizer: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name),
    .value("learningRate", \.learningRate, .notNegative),
    .value("scaleBatch", \.scaleBatch, .between(1, 1 << 24)),
    .value("momentum", \.momentum, .from(0, below: 1)),
    .value("nesterov", \.nesterov),
    .value("momentumForm", \.momentumForm),
    .value("momentumCorrection", \.momentumCorrection),
    .value("trustCoefficient", \.trustCoefficient, .positive),
    .value("beta1", \.beta1, .from(0, below: 1)),
    .value("beta2", \.beta2, .from(0, below: 1)),
    .value("epsilon", \.epsilon, .above(0, upTo: 1)),
    .value("weightDecay", \.weightDecay, .notNegative),
    .value("decayNormAndBias", \.decayNormAndBias),
    .value("clipNorm", \.clipNorm, .positive),
    .value("clipValue", \.clipValue, .positive),
    .value("filterRenormalization", \.filterRenormalization, .positive),
  ]
}
