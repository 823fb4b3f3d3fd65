import CProcessor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a rank waits: first it spins, then it gives its core away, then (if it may) it naps.
///
/// Spinning catches a peer that is microseconds behind; yielding lets that peer run when there are more ranks than
/// cores; naps of 0.2 ms cost nothing noticeable once the wait has lasted for a millisecond or so.
public struct Backoff {
  private let mayNap: Bool
  private var pauses = 0

  public init(mayNap: Bool) { self.mayNap = mayNap }

  /// Waits once, longer the more often it was called.
  public mutating func pause() {
    pauses += 1
    if pauses <= 200 {
      cprocessor_pause()
    } else if pauses <= 2000 || !mayNap {
      sched_yield()
    } else {
      var nap = timespec(tv_sec: 0, tv_nsec: 200_000)
      nanosleep(&nap, nil)
    }
  }
}
