public import Configuration
public import Kernels

extension LossFunction {
  /// What training minimises.
  public init(_ configuration: RunConfiguration.Loss) {
    self =
      switch configuration.name {
      case .crossEntropy: .crossEntropy(smoothing: Float(configuration.labelSmoothing))
      case .perceptron: .perceptron
      case .hinge: .hinge
      case .squaredError: .squaredError(bumpWidth: Float(configuration.bumpWidth))
      }
  }

  /// What evaluation measures: the same, but without smoothing of labels.
  static func evaluating(_ configuration: RunConfiguration.Loss) -> LossFunction {
    configuration.name == .crossEntropy ? .crossEntropy(smoothing: 0) : LossFunction(configuration)
  }
}
