import Glibc

/// A lock with two conditions to sleep on: nobody spins, because training uses all the cores.
final class Monitor: @unchecked Sendable {
  // Sound because the C objects are made for use by several threads and never move.

  /// What a thread may wait for.
  enum Condition {
    /// A thread of a loader: for a free buffer.
    case room
    /// The consumer: for a filled one.
    case batch
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let room = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let batch = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    let failures = pthread_mutex_init(mutex, nil) | pthread_cond_init(room, nil) | pthread_cond_init(batch, nil)
    precondition(failures == 0, "the system has no lock to give")
  }

  deinit {
    pthread_cond_destroy(batch)
    pthread_cond_destroy(room)
    pthread_mutex_destroy(mutex)
    batch.deallocate()
    room.deallocate()
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }

  /// Gives the lock up, sleeps until woken, takes the lock again.
  func wait(for condition: Condition) { pthread_cond_wait(variable(condition), mutex) }

  func wakeAll(waitingFor condition: Condition) { pthread_cond_broadcast(variable(condition)) }

  private func variable(_ condition: Condition) -> UnsafeMutablePointer<pthread_cond_t> {
    switch condition {
    case .room: room
    case .batch: batch
    }
  }
}
