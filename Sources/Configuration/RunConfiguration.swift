/// What a run is: every choice that a training run depends on, with its default.
///
/// The same tree is read from YAML (`init(file:overrides:)`), written back in full (`resolvedYAML()`) and stored as
/// JSON in checkpoints (`Codable`). Values are checked wherever they come from; names of networks are not looked up
/// here. A run is a function of this tree, the data and nothing else.
public struct RunConfiguration: Sendable, Equatable {
  /// The network.
  public var model = Model()
  /// Where samples come from.
  public var data = Data()
  /// How many samples make a step.
  public var batch = Batch()
  /// The rule that turns gradients into new weights.
  public var optimizer = Optimizer()
  /// Averages of the weights.
  public var average = Average()
  /// The learning rate over time.
  public var schedule = Schedule()
  /// What is minimised.
  public var loss = Loss()
  /// The weights before the first step.
  public var initialization = Initialization()
  /// Batch normalisation.
  public var batchNorm = BatchNorm()
  /// Random changes of training images.
  public var augmentation = Augmentation()
  /// The length of the run.
  public var train = Train()
  /// When and how the validation set is measured.
  public var evaluation = Evaluation()
  /// When checkpoints are written and which are kept.
  public var checkpoint = Checkpoint()
  /// The algorithm of convolutions.
  ///
  /// Part of the configuration because it changes the last bits of results.
  public var convolution = ConvolutionAlgorithm.auto
  /// Threads of each rank; auto is the size of the rank's affinity mask.
  ///
  /// Does not change results.
  public var threads = ThreadCount.auto
  /// The seed of everything random: initial weights, order of samples, augmentation.
  public var seed = 0
  /// What is printed.
  public var logging = Logging()

  /// The defaults.
  ///
  /// The name and classes of the model, the training data and the length of the run have none: `validate()` refuses the
  /// tree until they are given.
  public init() {}
}

extension RunConfiguration: Section {
  static let keys: [Key<Self>] = [
    .section("model", \.model),
    .section("data", \.data),
    .section("batch", \.batch),
    .section("optimizer", \.optimizer),
    .section("average", \.average),
    .section("schedule", \.schedule),
    .section("loss", \.loss),
    .section("initialization", \.initialization),
    .section("batchNorm", \.batchNorm),
    .section("augmentation", \.augmentation),
    .section("train", \.train),
    .section("evaluation", \.evaluation),
    .section("checkpoint", \.checkpoint),
    .value("convolution", \.convolution),
    .value("threads", \.threads, .between(1, 4096)),
    .value("seed", \.seed, .notNegative),
    .section("logging", \.logging),
  ]

  /// Every key path that holds a value, in order.
  static let leaves = leaves(at: "")

  /// Every key path that holds a value, such as `optimizer.learningRate`, in the order of the resolved configuration.
  public static let keyPaths = leaves.map(\.path)
}
