public import Kernels
import Networks
import Tensors

/// Computes one leaf of a step: the gradient of one microbatch, and what was measured on the way.
///
/// A gradient buffer holds the parameters' gradients, then the batch statistics (laid out as the statistics arena),
/// then the `LeafMeasures`. All of it is summed over the leaves of a step.
public final class LeafPass {
  public let executor: Executor
  private let loss: LossFunction
  private let losses: Arena
  private let ranks: UnsafeMutablePointer<Int32>
  /// Where images are mixed.
  private let mixed: Arena
  private let imageFloats: Int

  /// `plan` must be for training. To mix images, the pass needs to know how many floats each has.
  public init(
    _ executor: Executor, loss: LossFunction = .crossEntropy(smoothing: 0), mixingImagesOf imageFloats: Int = 0
  ) {
    precondition(executor.plan.mode == .training)
    self.executor = executor
    self.loss = loss
    let images = executor.plan.images
    losses = Arena(count: images)
    mixed = Arena(count: images * imageFloats)
    self.imageFloats = imageFloats
    ranks = .allocate(capacity: images)
  }

  deinit { ranks.deallocate() }

  /// Writes the whole gradient buffer. Gradients are those of the sum of losses divided by `globalBatch`; `random` is
  /// what dropout draws by; `mixing` is how images and labels are mixed first; `stop` goes into the measures, which are
  /// written before backward begins; `completed` is as in `Executor.backward`.
  ///
  /// Returns whether the loss is finite. If it is not, there is no backward pass and the gradients are not written.
  @discardableResult
  public func run(
    images: UnsafePointer<Float>, labels: UnsafePointer<Int32>, globalBatch: Int,
    random: RandomPosition = RandomPosition(), mixing: Mixing? = nil, stop: Bool = false,
    into buffer: UnsafeMutablePointer<Float>, completed: (_ unfinished: Int) throws -> Void
  ) rethrows -> Bool {
    let plan = executor.plan
    let batchStatistics = buffer + plan.parameterFloats
    if let mixing {
      precondition(imageFloats > 0, "This pass was not made to mix images.")
      mixing.run(
        on: executor.processor, source: images, output: mixed.floats, images: plan.images, count: imageFloats)
    }
    let images = mixing == nil ? images : UnsafePointer(mixed.floats)
    executor.forward(images: images, batchStatistics: batchStatistics, random: random)
    // The main head last: what is measured is its loss.
    for head in executor.heads.reversed() {
      loss.run(
        on: executor.processor, images: plan.images, classes: plan.classes, logits: head.logits, labels: labels,
        losses: losses.floats, ranks: ranks, gradient: head.gradient, gradientScale: head.weight / Float(globalBatch),
        mixing: mixing)
    }
    var measures = LeafMeasures(losses: losses.floats, ranks: ranks, images: plan.images)
    measures.stop = stop ? 1 : 0
    measures.write(to: batchStatistics + plan.statisticFloats)
    executor.profile?.end(plan.lossMoment)
    guard measures.loss.isFinite else { return false }
    try executor.backward(gradients: buffer, completed: completed)
    return true
  }
}

/// What a leaf measures, summed over leaves: `floats` floats behind the statistics.
public struct LeafMeasures: Sendable {
  public static let floats = vectorWidth

  public var loss: Float = 0
  public var top1: Float = 0
  public var top5: Float = 0
  public var images: Float = 0
  /// Above zero when a rank wants to stop behind this step.
  public var stop: Float = 0

  /// Sums in the order of the images.
  init(losses: UnsafePointer<Float>, ranks: UnsafePointer<Int32>, images count: Int) {
    for image in 0..<count {
      loss += losses[image]
      top1 += ranks[image] < 1 ? 1 : 0
      top5 += ranks[image] < 5 ? 1 : 0
    }
    images = Float(count)
  }

  public init(_ floats: UnsafePointer<Float>) {
    loss = floats[0]
    top1 = floats[1]
    top5 = floats[2]
    images = floats[3]
    stop = floats[4]
  }

  public func write(to floats: UnsafeMutablePointer<Float>) {
    floats.update(repeating: 0, count: Self.floats)
    floats[0] = loss
    floats[1] = top1
    floats[2] = top5
    floats[3] = images
    floats[4] = stop
  }
}

extension Plan {
  /// Floats of a gradient buffer behind the parameters' gradients.
  public var measureFloats: Int { statisticFloats + LeafMeasures.floats }
}
