/// What a run needs, beside its tensors, to go on where it stopped: the contents of `state.json`.
public struct CheckpointState: Codable, Equatable, Sendable {
  /// The version of this file that this program writes and understands.
  public static let currentFormatVersion = 1

  public private(set) var formatVersion = Self.currentFormatVersion
  /// The optimizer steps done.
  public var step: Int
  /// The epochs done, with the fraction of the running one.
  public var epoch: Double
  public var samplesSeen: Int
  public var seed: UInt64
  /// The name of the model, such as "resnet20".
  public var model: String
  /// What the run is trained on: the checksum of the index of its shards.
  public var dataIdentity: String
  /// The resolved configuration as text.
  public var configuration: String
  /// The hash of the weights, as `WeightsHash` gives it: `CheckpointStore.save` fills it in.
  public internal(set) var weightsHash = ""
  /// Numbers of the evaluation at this step, such as "top1"; empty if none took place.
  public var metrics: [String: Double]
  /// What the network's inputs and outputs mean.
  public var inputs: Inputs

  /// What has to be known to use the network on images, without its training data.
  public struct Inputs: Codable, Equatable, Sendable {
    /// The classes' names, in the order of the logits.
    public var classes: [String]
    /// Subtracted from each channel of a pixel scaled to 0...1.
    public var mean: [Double]
    /// Divides each channel then.
    public var deviation: [Double]

    public init(classes: [String] = [], mean: [Double] = [], deviation: [Double] = []) {
      self.classes = classes
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// What the learning rate depends on beside the step; nil in checkpoints of versions that did not record it.
  public var schedule: Schedule?

  /// Where a schedule is that goes by evaluations.
  public struct Schedule: Codable, Equatable, Sendable {
    /// Of the step before.
    public var learningRate: Double
    /// The score of the best evaluation so far, by the measure of `configuration`: the greater, the better.
    public var best: Double?
    /// The evaluations since then, or since the last drop.
    public var evaluations: Int
    /// The drops of the learning rate so far.
    public var drops: Int

    public init(learningRate: Double, best: Double? = nil, evaluations: Int = 0, drops: Int = 0) {
      self.learningRate = learningRate
      self.best = best
      self.evaluations = evaluations
      self.drops = drops
    }
  }

  /// How many ranks the run had, for information: any number may resume.
  public var worldSize: Int
  /// The program that wrote this, with its version.
  public var createdBy: String

  public init(
    step: Int, epoch: Double, samplesSeen: Int, seed: UInt64, model: String, dataIdentity: String,
    configuration: String, metrics: [String: Double] = [:], inputs: Inputs = Inputs(),
    schedule: Schedule? = nil, worldSize: Int, createdBy: String
  ) {
    precondition(step >= 0, "A step is not negative.")
    self.step = step
    self.epoch = epoch
    self.samplesSeen = samplesSeen
    self.seed = seed
    self.model = model
    self.dataIdentity = dataIdentity
    self.configuration = configuration
    self.metrics = metrics
    self.inputs = inputs
    self.schedule = schedule
    self.worldSize = worldSize
    self.createdBy = createdBy
  }
}
