extension RunConfiguration {
  /// When and how the validation set is measured.
  ///
  /// It is always measured at the end of the run.
  public struct Evaluation: Sendable, Equatable {
    /// How a validation image becomes the network's input.
    public enum Procedure: String, CaseIterable, Sendable {
      /// Shorter side resized, centre cropped, one crop per image.
      case center
    }

    /// Epochs between two evaluations; null for none by epochs.
    public var everyEpochs: Double? = 1
    /// Steps between two evaluations, besides `everyEpochs`; null for none by steps.
    public var everySteps: Int?
    /// How a validation image becomes the network's input.
    public var `protocol` = Procedure.center
    /// The shorter side in pixels to which an image is resized before the crop; null leaves images of the input's
    /// size as they are and resizes others to 8/7 of it (256 for 224).
    public var resize: Int?
    /// Images that a rank evaluates at a time; null for the microbatch.
    ///
    /// Does not change results.
    public var batch: Int?

    public init() {}
  }
}

extension RunConfiguration.Evaluation.Procedure: Choice {}

extension RunConfiguration.Evaluation: Section {
  static let keys: [Key<Self>] = [
    .value("everyEpochs", \.everyEpochs, .above(0, upTo: 1e6)),
    .value("everySteps", \.everySteps, .between(1, 1 << 40)),
    .value("protocol", \.protocol),
    .value("resize", \.resize, .between(1, 1 << 14)),
    .value("batch", \.batch, .between(1, 1 << 24)),
  ]
}
