extension RunConfiguration {
  /// When and how the validation set is measured.
  ///
  /// It is always measured at the end of the run.
  public struct Evaluation: Sendable, Equatable {
    /// How a validation image becomes the network's input, and what becomes of several inputs' outputs.
    public enum Procedure: String, CaseIterable, Sendable {
      /// Shorter side resized, centre cropped, one crop per image.
      case center
      /// Four corners, centre and their mirror images; the mean of the softmax outputs (Krizhevsky et al. 2012, section
      /// 4.1).
      case tenCrop
      /// At each of three scales a regular grid of 5 × 5 crops and their mirror images, 150 in all (Simonyan and
      /// Zisserman 2014, section 3.2).
      case multiCrop
      /// At each of four scales three squares, of each the corners, the centre and the whole, and their mirror images,
      /// 144 in all (Szegedy et al. 2014, section 7).
      case googlenet144
      /// The network slides over the whole image and its mirror image: scores are averaged over the places, then the
      /// softmax of these over mirror images and scales (Simonyan and Zisserman 2014, section 3.2).
      case dense
      /// As `dense`, but with the last max pooling at every offset, and of each class the greatest score of all places
      /// (Sermanet et al. 2013, section 3.3).
      case overfeat
    }

    /// Epochs between two evaluations; null for none by epochs.
    public var everyEpochs: Double? = 1
    /// Steps between two evaluations, besides `everyEpochs`; null for none by steps.
    public var everySteps: Int?
    /// How a validation image becomes the network's input.
    public var `protocol` = Procedure.center
    /// For `center` and `tenCrop` the shorter side in pixels to which an image is resized before it is cropped; null
    /// for 8/7 of the input's (256 for 224). With null, `center` leaves images of the input's size as they are, and
    /// crops all that it can where the input is smaller than 64 pixels.
    public var resize: Int?
    /// For the other protocols the shorter sides in pixels to which an image is resized; null for the paper's, in
    /// proportion to an input of 224: 256, 384 and 512 for `multiCrop`, 256, 288, 320 and 352 for `googlenet144`, 256
    /// for `dense`, and to one of 221: 245, 281, 317, 389, 425 and 461 for `overfeat`.
    public var scales: [Int]?
    /// Images that a rank evaluates at a time, where one image becomes several inputs these; null for the microbatch.
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
    .value("scales", \.scales, .between(1, 1 << 14)),
    .value("batch", \.batch, .between(1, 1 << 24)),
  ]
}
