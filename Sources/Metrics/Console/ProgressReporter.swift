import Synchronization

/// How far a long job is, such as the building of shards: done, total, rate, time left.
///
/// Any thread may count.
public final class ProgressReporter: Sendable {
  private struct State {
    var done = 0
    var reportedDone = 0
    var reportedAt: Duration
    var redrawnAt: Duration
    var rate = SmoothedRate(timeConstantSeconds: 20)
  }

  private let console: Console
  private let clock: RunClock
  private let label: String
  private let unit: String
  private let total: Int
  private let interval: Duration
  private let start: Duration
  private let state: Mutex<State>

  /// `label` says what is done, `unit` what is counted; a line every `interval` on a plain console.
  public init(
    _ label: String, total: Int, unit: String, console: Console, every interval: Duration = .seconds(5),
    clock: RunClock = .system
  ) {
    self.console = console
    self.clock = clock
    self.label = label
    self.unit = unit
    self.total = total
    self.interval = console.style == .live ? .milliseconds(200) : interval
    start = clock.now()
    state = Mutex(State(reportedAt: start, redrawnAt: start))
  }

  /// Counts `count` more.
  public func advance(by count: Int = 1) {
    let now = clock.now()
    let text: String? = state.withLock { state in
      state.done += count
      guard now - state.reportedAt >= interval else { return nil }
      let seconds = (now - state.reportedAt).seconds
      state.rate.add(Double(state.done - state.reportedDone) / seconds, overSeconds: seconds)
      state.reportedDone = state.done
      state.reportedAt = now
      return self.text(state)
    }
    guard let text else { return }
    if console.style == .live { console.bar(text) } else { console.line(text) }
  }

  /// Prints the last line: what was done, and the mean rate.
  public func finish() {
    let seconds = (clock.now() - start).seconds
    let done = state.withLock(\.done)
    let rate = NumberText.rate(Double(done) / max(seconds, 1e-3))
    console.line("\(label) \(done)/\(total) \(unit) in \(NumberText.duration(seconds)), \(rate) \(unit)/s")
  }

  private func text(_ state: State) -> String {
    let share = total > 0 ? Double(state.done) / Double(total) : 1
    let gauge = console.style == .live ? Console.gauge(share) + " " : ""
    let rate = NumberText.rate(state.rate.perSecond ?? 0)
    let left = NumberText.duration(state.rate.seconds(for: max(0, total - state.done)))
    return "\(label) \(gauge)\(NumberText.percent(share)) \(state.done)/\(total) \(rate) \(unit)/s eta \(left)"
  }
}
