import CKernels

/// Stochastic gradient descent with momentum and L2 decay; as it is by default, what PyTorch's SGD computes.
///
/// g = tamed gradient + weightDecay · w; v = momentum · v + innerRate · g; w −= learningRate · (nesterov ? innerRate ·
/// g + momentum · v : v).
public struct MomentumStep: Sendable {
  public var learningRate: Float
  public var momentum: Float
  public var weightDecay: Float
  public var nesterov: Bool
  /// By what gradients are multiplied on their way into the velocity: Caffe's learning rate, or a layer's own.
  public var innerRate: Float = 1
  public var taming = GradientTaming()

  public init(learningRate: Float, momentum: Float, weightDecay: Float, nesterov: Bool) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.nesterov = nesterov
  }

  /// Updates `count` weights (whole vectors) and their velocities in place.
  public func run(
    on processor: Processor, weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int
  ) {
    var arguments = momentum_arguments()
    arguments.weights = weights
    arguments.gradient = gradient
    arguments.momentum = velocity
    arguments.count = count
    arguments.range = elementRange
    arguments.gradient_scale = taming.scale
    arguments.gradient_limit = taming.limit
    arguments.inner_rate = innerRate
    arguments.learning_rate = learningRate
    arguments.momentum_factor = momentum
    arguments.weight_decay = weightDecay
    arguments.nesterov = nesterov
    processor.run(processor.functions.pointee.momentum_step, tasks: elementTasks(count), arguments)
  }
}

/// What is done to a gradient before an optimizer sees it: it is multiplied by `scale`, then each value is kept within
/// ± `limit`.
public struct GradientTaming: Sendable, Hashable {
  public var scale: Float
  public var limit: Float

  public init(scale: Float = 1, limit: Float = .infinity) {
    self.scale = scale
    self.limit = limit
  }
}
