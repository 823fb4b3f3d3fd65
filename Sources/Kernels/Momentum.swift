import CKernels

/// Stochastic gradient descent with momentum and L2 decay, as PyTorch's SGD defines it.
public struct MomentumStep: Sendable {
  public var learningRate: Float
  public var momentum: Float
  public var weightDecay: Float
  public var nesterov: Bool

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
    arguments.learning_rate = learningRate
    arguments.momentum_factor = momentum
    arguments.weight_decay = weightDecay
    arguments.nesterov = nesterov
    processor.run(processor.functions.pointee.momentum_step, tasks: elementTasks(count), arguments)
  }
}
