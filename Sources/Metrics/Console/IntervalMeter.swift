/// What one training step measured.
public struct StepSample: Sendable {
  /// Steps done, this one included.
  public var step: Int
  /// Epochs done, this step included.
  public var epoch: Double
  /// Images of the step over all ranks.
  public var images: Int
  /// The mean loss of those images.
  public var loss: Double
  /// Images whose first guess was right; nil if not counted.
  public var top1Hits: Int?
  /// Images with the right class among five guesses; nil if not counted.
  public var top5Hits: Int?
  public var learningRate: Double
  /// Time in which the step waited for data.
  public var dataWait: Duration
  /// Time in which the step waited for other ranks.
  public var communication: Duration

  public init(
    step: Int, epoch: Double, images: Int, loss: Double, top1Hits: Int? = nil, top5Hits: Int? = nil,
    learningRate: Double, dataWait: Duration = .zero, communication: Duration = .zero
  ) {
    self.step = step
    self.epoch = epoch
    self.images = images
    self.loss = loss
    self.top1Hits = top1Hits
    self.top5Hits = top5Hits
    self.learningRate = learningRate
    self.dataWait = dataWait
    self.communication = communication
  }
}

/// The means of an interval of training.
public struct IntervalSummary: Sendable, Equatable {
  /// Steps and epochs done at its end.
  public let step: Int
  public let epoch: Double
  /// Steps of the interval.
  public let steps: Int
  /// Mean over the images of the interval.
  public let loss: Double
  /// In percent; nil if not counted.
  public let top1: Double?
  public let top5: Double?
  /// Of the last step.
  public let learningRate: Double
  public let imagesPerSecond: Double
  public let stepsPerSecond: Double
  /// Shares of the interval's time, 0...1.
  public let dataWaitShare: Double
  public let communicationShare: Double
  /// From the start of the run to the end of the interval.
  public let secondsElapsed: Double
}

/// Adds up the steps of an interval.
///
/// Allocates nothing per step.
struct IntervalMeter: Sendable {
  private(set) var start: Duration
  private var paused = Duration.zero
  private var last: StepSample?
  private var steps = 0
  private var images = 0
  private var lossSum = 0.0
  private var top1Hits: Int? = 0
  private var top5Hits: Int? = 0
  private var dataWait = Duration.zero
  private var communication = Duration.zero

  init(start: Duration) {
    self.start = start
  }

  mutating func add(_ sample: StepSample) {
    last = sample
    steps += 1
    images += sample.images
    lossSum += sample.loss * Double(sample.images)
    top1Hits = Self.sum(top1Hits, sample.top1Hits)
    top5Hits = Self.sum(top5Hits, sample.top5Hits)
    dataWait += sample.dataWait
    communication += sample.communication
  }

  /// Time that is not part of training, such as an evaluation.
  mutating func exclude(_ time: Duration) {
    paused += time
  }

  /// Seconds of training in the interval so far.
  func activeSeconds(at now: Duration) -> Double { (now - start - paused).seconds }

  /// The means up to now, and a new interval; nil if it has no step.
  mutating func take(at now: Duration) -> IntervalSummary? {
    guard let last, images > 0 else { return nil }
    let seconds = max(activeSeconds(at: now), 1e-9)
    let count = Double(images)
    defer { self = IntervalMeter(start: now) }
    return IntervalSummary(
      step: last.step, epoch: last.epoch, steps: steps, loss: lossSum / count,
      top1: top1Hits.map { 100 * Double($0) / count }, top5: top5Hits.map { 100 * Double($0) / count },
      learningRate: last.learningRate, imagesPerSecond: count / seconds, stepsPerSecond: Double(steps) / seconds,
      dataWaitShare: min(1, dataWait.seconds / seconds), communicationShare: min(1, communication.seconds / seconds),
      secondsElapsed: now.seconds)
  }

  private static func sum(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else { return nil }
    return a + b
  }
}
