import Synchronization

/// A number in shared memory by which the processes of a node tell each other how far they are.
///
/// It has a cache line of its own. What a process wrote before `store` or `add`, another sees after a `load` that
/// returned the new value.
public struct SharedCounter: @unchecked Sendable {
  // Sound to share: all accesses are atomic. Atomics of machine size are free of addresses and locks, so they work
  // between processes that map the same memory at different places.
  private let atomic: UnsafeMutablePointer<Atomic<Int>>

  /// The distance between counters.
  static let strideBytes = 64

  /// A counter that lies at `address`, which holds an initialised one.
  init(at address: UnsafeMutableRawPointer) {
    atomic = address.assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// Makes a counter of 0 at `address`.
  static func initialize(at address: UnsafeMutableRawPointer) {
    address.bindMemory(to: Atomic<Int>.self, capacity: 1).initialize(to: Atomic(0))
  }

  public func load() -> Int { atomic.pointee.load(ordering: .acquiring) }
  public func store(_ value: Int) { atomic.pointee.store(value, ordering: .releasing) }
  /// Adds `amount` and returns the sum.
  @discardableResult
  public func add(_ amount: Int) -> Int { atomic.pointee.add(amount, ordering: .acquiringAndReleasing).newValue }
}
