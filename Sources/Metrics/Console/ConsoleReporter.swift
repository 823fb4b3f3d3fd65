/// Tells the person at rank 0 how training goes: a line every few seconds, with rates over those seconds.
///
/// `epoch 3/90 step 12000/450360 loss 2.8143 top1 41.20 lr 0.0981 img/s 812 (203/rank) data 2% comm 9% eta 5h12m`
public struct ConsoleReporter: Sendable {
  /// The size of the run.
  public struct Extent: Sendable {
    public var totalSteps: Int
    /// Epochs of the run, begun ones included.
    public var totalEpochs: Int
    public var ranks: Int

    public init(totalSteps: Int, totalEpochs: Int, ranks: Int) {
      self.totalSteps = totalSteps
      self.totalEpochs = totalEpochs
      self.ranks = ranks
    }
  }

  private let console: Console
  private let clock: RunClock
  private let interval: Duration
  private let extent: Extent
  private var meter: IntervalMeter
  private var rate = SmoothedRate()
  private var pausedAt: Duration?
  private var lastRedraw: Duration
  private var lastSummary: IntervalSummary?

  /// The first interval begins now.
  public init(console: Console, every interval: Duration, extent: Extent, clock: RunClock = .system) {
    self.console = console
    self.clock = clock
    self.interval = interval
    self.extent = extent
    let now = clock.now()
    meter = IntervalMeter(start: now)
    lastRedraw = now
  }

  /// Counts a step.
  ///
  /// When the interval is over, prints its line and returns its means, for the metrics log.
  public mutating func record(_ sample: StepSample) -> IntervalSummary? {
    meter.add(sample)
    let now = clock.now()
    if meter.activeSeconds(at: now) >= interval.seconds { return report(at: now) }
    if console.style == .live, now - lastRedraw >= .milliseconds(200), let lastSummary {
      lastRedraw = now
      console.bar(bar(lastSummary, step: sample.step, epoch: sample.epoch))
    }
    return nil
  }

  /// Ends the interval early: before an evaluation, a checkpoint, or the end of the run.
  public mutating func flush() -> IntervalSummary? {
    precondition(pausedAt == nil, "flush comes before pause")
    return report(at: clock.now())
  }

  /// Training stops for a while, for an evaluation or a checkpoint: the time until `resume()` counts in no rate.
  public mutating func pause() {
    pausedAt = pausedAt ?? clock.now()
  }

  /// Training goes on.
  public mutating func resume() {
    guard let start = pausedAt else { return }
    meter.exclude(clock.now() - start)
    pausedAt = nil
  }

  /// Does something that is not training, between a pause and a resume; `body` leaves this reporter alone.
  public mutating func excluding<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pause()
    defer { resume() }
    return try body()
  }

  /// Prints a line of its own, such as the result of an evaluation.
  public func note(_ text: String) {
    console.line(text)
  }

  private mutating func report(at now: Duration) -> IntervalSummary? {
    let seconds = meter.activeSeconds(at: now)
    guard let summary = meter.take(at: now) else { return nil }
    rate.add(summary.stepsPerSecond, overSeconds: seconds)
    lastSummary = summary
    lastRedraw = now
    if console.style == .live {
      console.bar(bar(summary, step: summary.step, epoch: summary.epoch))
    } else {
      console.line(text(summary, step: summary.step, epoch: summary.epoch))
    }
    return summary
  }

  private func bar(_ summary: IntervalSummary, step: Int, epoch: Double) -> String {
    Console.gauge(Double(step) / Double(extent.totalSteps)) + " " + text(summary, step: step, epoch: epoch)
  }

  private func text(_ summary: IntervalSummary, step: Int, epoch: Double) -> String {
    // The epoch that the last step was part of: after exactly 3 epochs, still the third.
    let epochNumber = min(extent.totalEpochs, max(1, Int(epoch.rounded(.up))))
    var words = [
      "epoch \(epochNumber)/\(extent.totalEpochs)", "step \(step)/\(extent.totalSteps)",
      "loss \(NumberText.fixed(summary.loss, 4))",
    ]
    if let top1 = summary.top1 { words.append("top1 \(NumberText.fixed(top1, 2))") }
    words.append("lr \(NumberText.general(summary.learningRate, 3))")
    words.append("img/s \(NumberText.rate(summary.imagesPerSecond))")
    if extent.ranks > 1 { words.append("(\(NumberText.rate(summary.imagesPerSecond / Double(extent.ranks)))/rank)") }
    words.append("data \(NumberText.percent(summary.dataWaitShare))")
    words.append("comm \(NumberText.percent(summary.communicationShare))")
    words.append("eta \(NumberText.duration(rate.seconds(for: max(0, extent.totalSteps - step))))")
    return words.joined(separator: " ")
  }
}
