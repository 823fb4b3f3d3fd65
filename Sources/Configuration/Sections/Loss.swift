extension RunConfiguration {
  /// What is minimised: a function of the logits z and the label y of an image; the mean over the global batch.
  public struct Loss: Sendable, Equatable {
    /// The function.
    public enum Name: String, CaseIterable, Sendable {
      /// Softmax cross entropy.
      case crossEntropy
      /// The multi-class perceptron's: max(0, max z − z[y]).
      case perceptron
      /// The multi-class hinge: max(0, 1 + max over the other classes − z[y]).
      ///
      /// Crammer and Singer 2001.
      case hinge
      /// Half the squared distance of the logits from a bump around the label, e^(−d² / 2σ²) at d classes from it.
      ///
      /// Pomerleau 1991, for steering directions.
      case squaredError
    }

    /// The function.
    public var name = Name.crossEntropy
    /// For crossEntropy: the share of the target that is spread evenly over all classes, as PyTorch counts it.
    ///
    /// Szegedy et al. 2015, section 7.
    public var labelSmoothing = 0.0
    /// For squaredError: σ of the bump in classes (output units).
    ///
    /// √5, as Pomerleau 1991 has it: e^(−d² / 10). The targets that Pomerleau 1989 lists, 1.00,
    /// 0.89, 0.61, 0.32, 0.10 and none beyond four units, are nearly those of σ = 2.
    public var bumpWidth = 2.236

    public init() {}
  }
}

extension RunConfiguration.Loss.Name {
  /// Whether classes are places on a line, so that evaluations have a mean distance of answers from labels.
  package var hasOrderedClasses: Bool { self == .squaredError }
}

extension RunConfiguration.Loss.Name: Choice {}

extension RunConfiguration.Loss: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name),
    .value("labelSmoothing", \.labelSmoothing, .from(0, below: 1)),
    .value("bumpWidth", \.bumpWidth, .between(0.01, 1e6)),
  ]
}
