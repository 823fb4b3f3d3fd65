/// When the passes of a schedule ended, step after step.
///
/// Each pass begins where the one before it ended, so the passes of a step tile it: what lies between two kernels
/// belongs to the later one. Only complete steps count.
public final class ExecutionProfile {
  public typealias Instant = ContinuousClock.Instant

  public let schedule: Schedule
  /// The complete steps.
  public private(set) var steps = 0
  /// What each pass took, summed over the steps.
  public private(set) var sums: [Duration]
  /// For each step where its passes begin, and where the last one ends; empty unless kept.
  public private(set) var boundaries: [[Instant]] = []
  private let keepsBoundaries: Bool
  private var current: [Instant] = []

  public init(_ schedule: Schedule, keepingBoundaries: Bool = false) {
    self.schedule = schedule
    keepsBoundaries = keepingBoundaries
    sums = [Duration](repeating: .zero, count: schedule.passes.count)
    current.reserveCapacity(sums.count + 1)
  }

  /// Begins a step; one that is not complete is forgotten.
  func begin() {
    current.removeAll(keepingCapacity: true)
    current.append(.now)
  }

  /// The pass of this number ends now. Passes end in the order of the schedule.
  public func end(_ number: Int) {
    precondition(number == current.count - 1, "Pass \(number) ended in the place of pass \(current.count - 1).")
    current.append(.now)
    guard number == sums.count - 1 else { return }
    for (pass, (begin, end)) in zip(current, current.dropFirst()).enumerated() { sums[pass] += end - begin }
    if keepsBoundaries { boundaries.append(current) }
    steps += 1
  }
}
