import CProcessor
import Glibc
import Synchronization

/// What the threads of a team share.
///
/// A job is published by raising `generation`; every worker lowers `busy` when it finds no task left.
final class TeamState: @unchecked Sendable {
  private static let cursorSpacing = 16  // A cache line and its neighbour apart.
  private static let spins = 20_000

  private let size: Int
  private let generation = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let cursors: UnsafeMutablePointer<Atomic<Int>>
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  private var tasks = 0
  private var function: TaskFunction?
  private var arguments: UnsafeRawPointer?
  private(set) var scratch: [UnsafeMutablePointer<Float>]
  private var scratchFloats = 0

  init(size: Int) {
    self.size = size
    cursors = .allocate(capacity: size * Self.cursorSpacing)
    for i in 0..<size * Self.cursorSpacing { (cursors + i).initialize(to: Atomic(0)) }
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
    scratch = []
    reserveScratch(floats: 1024)
  }

  deinit {
    for pointer in scratch { free(pointer) }
    cursors.deallocate()
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func reserveScratch(floats count: Int) {
    guard count > scratchFloats else { return }
    for pointer in scratch { free(pointer) }
    scratchFloats = count
    scratch = (0..<size).map { _ in
      var memory: UnsafeMutableRawPointer?
      guard posix_memalign(&memory, 4096, count * MemoryLayout<Float>.stride) == 0, let memory else {
        fatalError("Could not allocate \(count) floats of scratch: out of memory.")
      }
      return memory.bindMemory(to: Float.self, capacity: count)
    }
  }

  func start(tasks: Int, _ function: TaskFunction, _ arguments: UnsafeRawPointer) {
    self.tasks = tasks
    self.function = function
    self.arguments = arguments
    for i in 0..<size {
      cursors[i * Self.cursorSpacing].store(i * tasks / size, ordering: .relaxed)
    }
    busy.store(size - 1, ordering: .relaxed)
    generation.add(1, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Runs tasks until none is left, beginning with this thread's own.
  func work(as index: Int) {
    guard let function, let arguments else { return }
    let scratch = scratch[index]
    for turn in 0..<size {
      let owner = (index + turn) % size
      let end = (owner + 1) * tasks / size
      let cursor = cursors + owner * Self.cursorSpacing
      while true {
        let task = cursor.pointee.add(1, ordering: .relaxed).oldValue
        guard task < end else { break }
        function(arguments, task, scratch)
      }
    }
  }

  func waitForWorkers() {
    var spins = 0
    while busy.load(ordering: .acquiring) != 0 {
      cprocessor_pause()
      spins += 1
      if spins > Self.spins { sched_yield() }
    }
  }

  /// A worker's life: wait for a job, work, repeat.
  func serve(as index: Int) {
    var seen = 0
    while true {
      seen = waitForJob(after: seen)
      if stopping.load(ordering: .acquiring) { return }
      work(as: index)
      busy.subtract(1, ordering: .releasing)
    }
  }

  func stop() {
    stopping.store(true, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  /// Jobs follow each other within microseconds during a step, so spin first; sleep in the long pauses.
  private func waitForJob(after seen: Int) -> Int {
    for _ in 0..<Self.spins {
      let now = generation.load(ordering: .acquiring)
      if now != seen { return now }
      cprocessor_pause()
    }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    pthread_mutex_lock(mutex)
    while generation.load(ordering: .sequentiallyConsistent) == seen {
      pthread_cond_wait(condition, mutex)
    }
    pthread_mutex_unlock(mutex)
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    return generation.load(ordering: .acquiring)
  }

  private func wakeSleepers() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
