/// Time that only goes forward, from an arbitrary start.
public struct RunClock: Sendable {
  public let now: @Sendable () -> Duration

  /// A clock that a test drives.
  public init(now: @escaping @Sendable () -> Duration) {
    self.now = now
  }

  /// The clock of the machine, 0 now.
  public static var system: RunClock {
    let start = ContinuousClock.now
    return RunClock { ContinuousClock.now - start }
  }
}

extension Duration {
  /// As a number of seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
