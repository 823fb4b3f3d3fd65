public import Execution
public import Kernels
public import MessagePassing
public import Shards
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
}

/// Measures a network on a set of shards, the images shared out over the ranks.
///
/// Every image counts once whatever the number of ranks, and the loss is added in the order of the images, so the
/// result is the same for any number of ranks and any batch size.
public struct Evaluator {
  private let source: ShardSet
  private let transform: ImageTransform
  private let executor: Executor
  private let loss: LossFunction
  private let threads: Int

  /// `executor` runs a plan for evaluation; its images per batch are those of a rank.
  public init(
    _ source: ShardSet, transform: ImageTransform, executor: Executor, loss: LossFunction, decodeThreads: Int
  ) {
    precondition(executor.plan.mode == .evaluation)
    self.loss = loss
    self.source = source
    self.transform = transform
    self.executor = executor
    threads = decodeThreads
  }

  /// Evaluates all images. Collective; every rank gets the result. `progress` hears how many images this rank has done.
  public func run(
    on world: borrowing Communicator, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> EvaluationResult {
    let share = world.rank * source.count / world.size..<(world.rank + 1) * source.count / world.size
    var losses = [Double](repeating: 0, count: source.count)
    var distances = loss.hasOrderedClasses ? losses : []
    var hits = [0, 0]
    if !share.isEmpty { try measure(share, &losses, &distances, &hits, progress) }
    losses = try world.sum(losses)
    if loss.hasOrderedClasses { distances = try world.sum(distances) }
    hits = try world.sum(hits)
    let samples = source.count
    return EvaluationResult(
      samples: samples, top1: 100 * Double(hits[0]) / Double(samples), top5: 100 * Double(hits[1]) / Double(samples),
      loss: losses.reduce(0, +) / Double(samples),
      distance: loss.hasOrderedClasses ? distances.reduce(0, +) / Double(samples) : nil)
  }

  private func measure(
    _ share: Range<Int>, _ losses: inout [Double], _ distances: inout [Double], _ hits: inout [Int],
    _ progress: (Int) -> Void
  ) throws {
    let images = executor.plan.images
    let loader = try BatchLoader(
      evaluating: share, of: source, microbatch: images, transform: transform, threads: threads, buffers: 3)
    let batchLosses = Arena(count: images)
    var ranks = [Int32](repeating: 0, count: images)
    var done = share.lowerBound
    for _ in 0..<loader.batchCount {
      let batch = try loader.next()
      guard let pixels = batch.images.baseAddress, let labels = batch.labels.baseAddress else { continue }
      executor.forward(images: pixels)
      ranks.withUnsafeMutableBufferPointer { ranks in
        guard let ranks = ranks.baseAddress else { return }
        loss.run(
          on: executor.processor, images: batch.count, classes: executor.plan.classes, logits: executor.logits,
          labels: labels, losses: batchLosses.floats, ranks: ranks, gradient: nil, gradientScale: 0)
      }
      for image in 0..<batch.count {
        losses[done + image] = Double(batchLosses.floats[image])
        hits[0] += ranks[image] < 1 ? 1 : 0
        hits[1] += ranks[image] < 5 ? 1 : 0
        if loss.hasOrderedClasses { distances[done + image] = hill(of: image).distance(to: Int(labels[image])) }
      }
      done += batch.count
      progress(done - share.lowerBound)
    }
  }

  private func hill(of image: Int) -> ActivationHill {
    let classes = executor.plan.classes
    return ActivationHill(
      UnsafeBufferPointer(start: executor.logits + image * paddedToVector(classes), count: classes))
  }
}
