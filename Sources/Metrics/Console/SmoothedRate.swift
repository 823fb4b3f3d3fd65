import Glibc

/// A rate whose past fades with a time constant, so that a short stall does not throw the estimate about.
struct SmoothedRate: Sendable {
  private let timeConstantSeconds: Double
  private(set) var perSecond: Double?

  init(timeConstantSeconds: Double = 60) {
    self.timeConstantSeconds = timeConstantSeconds
  }

  mutating func add(_ rate: Double, overSeconds seconds: Double) {
    guard let old = perSecond else {
      perSecond = rate
      return
    }
    let weight = 1 - exp(-seconds / timeConstantSeconds)
    perSecond = old + weight * (rate - old)
  }

  /// Seconds until `count` more are done.
  func seconds(for count: Int) -> Double {
    guard let perSecond, perSecond > 0 else { return count == 0 ? 0 : .infinity }
    return Double(count) / perSecond
  }
}
