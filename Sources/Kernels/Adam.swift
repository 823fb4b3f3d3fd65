import CKernels

/// Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, algorithm 2, with the decay multiplied by the
/// learning rate as in PyTorch's AdamW).
///
/// m = β1 · m + (1 − β1) · g; v = β2 · v + (1 − β2) · g²; u = m / (1 − β1^t) / (√(v / (1 − β2^t)) + ε) + weightDecay ·
/// w; w −= learningRate · u.
public struct AdamStep: Sendable {
  public var learningRate: Float = 0
  public var weightDecay: Float
  public var taming = GradientTaming()
  private let beta1, beta2: Double
  private let epsilon: Float
  private var firstCorrection: Float = 1
  private var secondCorrection: Float = 1

  public init(beta1: Double, beta2: Double, epsilon: Double, weightDecay: Float) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = Float(epsilon)
    self.weightDecay = weightDecay
  }

  /// Divides the moments by these: 1 − β1^t and 1 − β2^t in step t, counted from 1.
  public mutating func correct(by first: Double, _ second: Double) {
    firstCorrection = Float(1 / first)
    secondCorrection = Float(1 / second)
  }

  /// Updates `count` moments (whole vectors) in place, and moves the weights; or, given a place for `direction`, which
  /// may be the gradient's, writes u there and leaves the weights.
  public func run(
    on processor: Processor, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    direction: UnsafeMutablePointer<Float>? = nil, count: Int
  ) {
    var arguments = adam_arguments()
    arguments.weights = weights
    arguments.gradient = gradient
    arguments.first_moment = first
    arguments.second_moment = second
    arguments.direction = direction
    arguments.count = count
    arguments.range = elementRange
    arguments.gradient_scale = taming.scale
    arguments.gradient_limit = taming.limit
    arguments.first_decay = Float(beta1)
    arguments.first_share = Float(1 - beta1)
    arguments.second_decay = Float(beta2)
    arguments.second_share = Float(1 - beta2)
    arguments.first_correction = firstCorrection
    arguments.second_correction = secondCorrection
    arguments.epsilon = epsilon
    arguments.weight_decay = weightDecay
    arguments.learning_rate = learningRate
    processor.run(processor.functions.pointee.adam_step, tasks: elementTasks(count), arguments)
  }
}
