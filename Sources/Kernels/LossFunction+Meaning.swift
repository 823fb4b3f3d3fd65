extension LossFunction {
  /// What schedules call it.
  public var name: String {
    switch self {
    case .crossEntropy: "softmax cross entropy"
    case .perceptron: "perceptron loss"
    case .hinge: "hinge loss"
    case .squaredError: "squared error"
    }
  }

  /// Whether classes are places on a line, so that an answer can be near the label or far from it.
  public var hasOrderedClasses: Bool {
    if case .squaredError = self { true } else { false }
  }

  /// Whether the softmax of the logits is what is trained to be the classes' probabilities.
  public var givesProbabilities: Bool {
    if case .crossEntropy = self { true } else { false }
  }
}
