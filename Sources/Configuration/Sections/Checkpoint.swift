extension RunConfiguration {
  /// When checkpoints are written and which are kept.
  ///
  /// One is always written at the end of the run.
  public struct Checkpoint: Sendable, Equatable {
    /// What makes a checkpoint the best one.
    public enum Measure: String, CaseIterable, Sendable {
      /// The highest share of validation images whose first guess is right.
      case top1
      /// The highest share of validation images with the right class among five guesses.
      case top5
      /// The lowest validation loss.
      case loss
      /// The lowest mean distance of answers from labels on the validation set.
      ///
      /// For losses whose classes are places on a line.
      case distance
    }

    /// Steps between two checkpoints, besides `everyEpochs`; null for none by steps.
    public var everySteps: Int?
    /// Epochs between two checkpoints; null for none by epochs.
    public var everyEpochs: Double? = 1
    /// How many of the newest checkpoints are kept.
    public var keepLast = 3
    /// The measure by which the best checkpoint is kept besides the newest; null to keep none.
    public var keepBest: Measure? = .top1

    public init() {}
  }
}

extension RunConfiguration.Checkpoint.Measure: Choice {}

extension RunConfiguration.Checkpoint: Section {
  static let keys: [Key<Self>] = [
    .value("everySteps", \.everySteps, .between(1, 1 << 40)),
    .value("everyEpochs", \.everyEpochs, .above(0, upTo: 1e6)),
    .value("keepLast", \.keepLast, .between(1, 1 << 24)),
    .value("keepBest", \.keepBest),
  ]
}
