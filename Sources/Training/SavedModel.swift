import Checkpoints
public import Configuration
import Execution
import Files
public import Kernels
public import MessagePassing
import Networks
public import Shards
import Tensors
import Workers

/// A network with the weights of a checkpoint, ready to be used on images.
public final class SavedModel {
  public let path: String
  public let step: Int
  /// The network's name.
  public let model: String
  /// The classes' names, in the order of the logits.
  public let classes: [String]
  private let configuration: RunConfiguration
  private let replica: Replica
  private let weights: Arena
  private let normalization: Normalization

  /// `path` is a checkpoint, or a run directory, whose newest sound checkpoint is taken. `warn` hears of broken ones.
  public init(_ path: String, on processor: Processor, warn: (String) -> Void) throws {
    let checkpoint = try Self.open(path, warn)
    let state = checkpoint.state
    self.path = checkpoint.path
    step = state.step
    model = state.model
    classes = state.inputs.classes
    configuration = try RunConfiguration(yaml: state.configuration, name: "\(checkpoint.path)/state.json")
    replica = Replica(
      try Replica.network(configuration), microbatch: configuration.batch.microbatch, on: processor)
    weights = Arena(count: replica.plan.parameterFloats)
    try ModelTensors(store: replica.store).readModel(
      checkpoint.model, weights: weights.floats, statistics: replica.statistics.floats)
    guard state.inputs.mean.count == replica.network.input.shape.channels else {
      throw TrainingError(.badData, "\(checkpoint.path)/state.json does not say how images were normalised.")
    }
    normalization = Normalization(
      mean: state.inputs.mean.map(Float.init), deviation: state.inputs.deviation.map(Float.init))
  }

  private static func open(_ path: String, _ warn: (String) -> Void) throws -> Checkpoint {
    let store = CheckpointStore(reading: path + "/checkpoints")
    guard try !store.list().isEmpty else { return try Checkpoint(path) }
    guard let newest = try store.latestValid(report: { warn($0.description) }) else {
      throw TrainingError(.missing, "\(path) has no checkpoints.")
    }
    return newest
  }

  /// How the network is to be evaluated, as its run was configured.
  public var evaluation: RunConfiguration.Evaluation { configuration.evaluation }

  /// Measures the network on shards as `settings` say; with `details` predictions hold the likeliest classes too.
  /// Collective; every rank gets the result, and what was made of each image in the order of the set.
  public func evaluate(
    _ set: ShardSet, _ settings: RunConfiguration.Evaluation, details: Bool, on world: borrowing Communicator,
    progress: (Int) -> Void
  ) throws -> (result: EvaluationResult, predictions: [Prediction]) {
    guard set.classes.count <= configuration.model.classes else {
      throw TrainingError(
        .badData,
        "\(set.folder) has \(set.classes.count) classes, but \(path) tells \(configuration.model.classes) apart.")
    }
    guard set.count > 0 else { throw TrainingError(.badData, "\(set.folder) holds no samples.") }
    var configuration = configuration
    configuration.evaluation = settings
    try configuration.validate()
    let images = settings.batch ?? configuration.batch.microbatch
    let evaluator = Evaluator(
      set,
      by: try EvaluationProtocol(configuration, replica.network, set: set, normalization: normalization),
      replica: replica, weights: weights.floats, batch: images, loss: .evaluating(configuration.loss),
      decodeThreads: max(1, replica.processor.team.size / 4))
    let predictions = try evaluator.predictions(on: world, details: details, progress: progress)
    return (EvaluationResult(predictions), predictions)
  }

  /// The name of each class that the network tells apart.
  public var allClasses: [String] {
    (0..<configuration.model.classes).map { $0 < classes.count ? classes[$0] : "\($0)" }
  }

  /// A class and what the network gives it.
  public struct Guess: Sendable, Codable {
    public let classIndex: Int
    public let className: String
    /// For cross entropy, which trains it; otherwise nil.
    public let probability: Double?
    public let logit: Float
  }

  /// What the network says of an image.
  public struct Answer: Sendable, Codable {
    /// The likeliest classes, the likeliest first.
    public let guesses: [Guess]
    /// Where classes are places on a line (`squaredError`), the place of the answer: class k is at k. Otherwise nil.
    public let position: Double?
  }

  /// What the network says of each image file (JPEG or PNG), with the `count` likeliest classes.
  public func predict(_ files: [String], count: Int) throws -> [Answer] {
    let source = try ImageFiles(files)
    let executor = replica.evaluationExecutor(weights: weights.floats, images: 1)
    let loader = try BatchLoader(
      evaluating: 0..<source.count, of: source, microbatch: 1, transform: transform(.jpeg), threads: 1, buffers: 2)
    return try files.map { _ in
      let batch = try loader.next()
      guard let pixels = batch.images.baseAddress else { return Answer(guesses: [], position: nil) }
      executor.forward(images: pixels)
      return answer(UnsafeBufferPointer(start: executor.logits, count: executor.plan.classes), count: count)
    }
  }

  private func answer(_ logits: UnsafeBufferPointer<Float>, count: Int) -> Answer {
    let loss = LossFunction(configuration.loss)
    let probabilities = loss.givesProbabilities ? softmax(logits) : nil
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    let guesses = order.prefix(count).map { index in
      Guess(
        classIndex: index, className: index < classes.count ? classes[index] : "\(index)",
        probability: probabilities?[index], logit: logits[index])
    }
    return Answer(guesses: guesses, position: loss.hasOrderedClasses ? ActivationHill(logits).centre : nil)
  }

  private func softmax(_ logits: UnsafeBufferPointer<Float>) -> [Double] {
    let greatest = Double(logits.max() ?? 0)
    let weights = logits.map { Elementary.exp(Double($0) - greatest) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  private func transform(_ encoding: SampleEncoding) -> ImageTransform {
    InputPipeline.evaluation(
      configuration, input: replica.network.input.shape, encoding: encoding, normalization: normalization)
  }
}
