import Execution
package import Kernels
public import MessagePassing
package import Shards
import Tensors

/// What an evaluation measured; each image counted once.
public struct EvaluationResult: Sendable, Equatable, Codable {
  public var samples: Int
  /// In percent.
  public var top1: Double
  public var top5: Double
  /// The mean over the images.
  public var loss: Double
  /// The mean over the images of how many classes lie between the label and the centre of the outputs' hill, where
  /// classes are places on a line (`squaredError`); otherwise nil.
  public var distance: Double?

  public init(samples: Int, top1: Double, top5: Double, loss: Double, distance: Double? = nil) {
    self.samples = samples
    self.top1 = top1
    self.top5 = top5
    self.loss = loss
    self.distance = distance
  }

  /// Of all images, added in their order.
  init(_ predictions: [Prediction]) {
    samples = predictions.count
    top1 = 100 * Double(predictions.count { $0.rank < 1 }) / Double(samples)
    top5 = 100 * Double(predictions.count { $0.rank < 5 }) / Double(samples)
    loss = predictions.reduce(0) { $0 + $1.loss } / Double(samples)
    let distances = predictions.compactMap(\.distance)
    distance = distances.count == samples ? distances.reduce(0, +) / Double(samples) : nil
  }
}

/// Measures a network on a set of shards, the images shared out over the ranks.
///
/// Every image counts once whatever the number of ranks, all its views are seen by one rank, and sums are taken in the
/// order of views and images, so the result is the same for any number of ranks and any batch size.
public struct Evaluator {
  private let source: ShardSet
  private let views: any ViewEvaluation
  private let loss: LossFunction

  /// `weights` are those of `replica`'s plan. `batch` images, or views of images, are computed at a time.
  package init(
    _ source: ShardSet, by protocol: EvaluationProtocol, replica: Replica, weights: UnsafePointer<Float>, batch: Int,
    loss: LossFunction, decodeThreads: Int
  ) {
    self.source = source
    self.loss = loss
    switch `protocol` {
    case .single(let transform):
      views = SingleViewEvaluation(
        source: source, transform: transform, executor: replica.evaluationExecutor(weights: weights, images: batch),
        loss: loss, threads: decodeThreads)
    case .crops(let transform):
      let cut = CropBatches(views: transform.views, batch: batch)
      views = CropEvaluation(
        source: source, transform: transform, cut: cut,
        executor: replica.evaluationExecutor(weights: weights, images: cut.inputs), threads: decodeThreads)
    case .dense(let transform, let sliding):
      views = DenseEvaluation(
        source: source, transform: transform, sliding: sliding, replica: replica, weights: weights, batch: batch,
        threads: decodeThreads)
    }
  }

  /// Evaluates all images. Collective; every rank gets the result. `progress` hears how many images this rank has done.
  public func run(
    on world: borrowing Communicator, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> EvaluationResult {
    EvaluationResult(try predictions(on: world, details: false, progress: progress))
  }

  /// What the network makes of each image, in the order of the set; with `details` the likeliest classes too.
  /// Collective; every rank gets all of them.
  public func predictions(
    on world: borrowing Communicator, details: Bool, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> [Prediction] {
    let share = world.rank * source.count / world.size..<(world.rank + 1) * source.count / world.size
    var numbers = PredictionNumbers(count: source.count, details: details, distances: loss.hasOrderedClasses)
    var done = 0
    if !share.isEmpty {
      try views.measure(share, details: details) { image, prediction in
        numbers[image] = prediction
        done += 1
        progress(done)
      }
    }
    numbers.values = try world.sum(numbers.values)
    return (0..<source.count).map { numbers[$0] }
  }
}

/// How images become predictions.
protocol ViewEvaluation {
  /// Calls `judged` once for each image of `share`, in order. The likeliest classes may be left out without `details`.
  func measure(_ share: Range<Int>, details: Bool, judged: (_ image: Int, Prediction) -> Void) throws
}
