import CProcessor
import Glibc
import Synchronization
import Testing
import Workers

/// What the jobs of these tests count: how often each task ran, and on which thread.
private final class Tally {
  let tasks: Int
  let runs: UnsafeMutablePointer<Atomic<Int>>
  let threads: UnsafeMutablePointer<Atomic<Int>>

  init(tasks: Int) {
    self.tasks = tasks
    runs = .allocate(capacity: max(tasks, 1))
    threads = .allocate(capacity: max(tasks, 1))
    for i in 0..<tasks {
      (runs + i).initialize(to: Atomic(0))
      (threads + i).initialize(to: Atomic(0))
    }
  }

  deinit {
    runs.deallocate()
    threads.deallocate()
  }

  var arguments: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  var counts: [Int] { (0..<tasks).map { runs[$0].load(ordering: .relaxed) } }
  var threadsSeen: Set<Int> { Set((0..<tasks).map { threads[$0].load(ordering: .relaxed) }) }
}

private let count: TaskFunction = { arguments, task, _ in
  let tally = Unmanaged<Tally>.fromOpaque(arguments).takeUnretainedValue()
  tally.runs[task].add(1, ordering: .relaxed)
  tally.threads[task].store(Int(bitPattern: UInt(pthread_self())), ordering: .relaxed)
}

/// Leaves the task's number all over the thread's scratch, and looks whether it stays there.
private let useScratch: TaskFunction = { arguments, task, scratch in
  let tally = Unmanaged<Tally>.fromOpaque(arguments).takeUnretainedValue()
  let floats = 5000
  for i in 0..<floats { scratch[i] = Float(task) }
  for _ in 0..<20 {
    for i in 0..<floats where scratch[i] != Float(task) { tally.runs[task].add(1, ordering: .relaxed) }
  }
}

/// Leaves the number of processors that the task's thread may use.
private let countProcessors: TaskFunction = { arguments, task, _ in
  let tally = Unmanaged<Tally>.fromOpaque(arguments).takeUnretainedValue()
  tally.runs[task].store(processorsOfThisThread(), ordering: .relaxed)
}

private func processorsOfThisThread() -> Int {
  var numbers = [Int32](repeating: 0, count: 1024)
  return Int(cprocessor_affinity(&numbers, 1024))
}

@Suite("A team of threads", .serialized)
struct TeamTests {
  @Test(arguments: [1, 2, 3, 7], [0, 1, 2, 3, 5, 64, 1001])
  func everyTaskRunsOnce(size: Int, tasks: Int) {
    let team = Team(size: size)
    let tally = Tally(tasks: tasks)
    for repetition in 1...20 {
      team.run(tasks: tasks, count, tally.arguments)
      #expect(tally.counts == [Int](repeating: repetition, count: tasks))
    }
  }

  @Test(arguments: [1, 3], [0, 1, 64])
  func closuresRunOncePerTask(size: Int, tasks: Int) {
    let seen = Mutex([Int]())
    Team(size: size).run(tasks: tasks) { task in seen.withLock { $0.append(task) } }
    #expect(seen.withLock { $0.sorted() } == Array(0..<tasks))
  }

  /// Jobs follow each other faster than workers fall asleep, and after pauses in which they do.
  @Test func manyJobs() {
    let team = Team(size: 3)
    let tally = Tally(tasks: 8)
    for job in 0..<600 {
      if job % 100 == 99 { usleep(20_000) }
      team.run(tasks: 8, count, tally.arguments)
    }
    #expect(tally.counts == [Int](repeating: 600, count: 8))
  }

  @Test func workIsShared() {
    let team = Team(size: 2)
    let tally = Tally(tasks: 4096)
    var seen = Set<Int>()
    for _ in 0..<200 where seen.count < 2 {
      team.run(tasks: 4096, count, tally.arguments)
      seen = tally.threadsSeen
    }
    #expect(seen.count == 2)
  }

  @Test func eachThreadHasItsOwnScratch() {
    let team = Team(size: 3)
    team.reserveScratch(floats: 5000)
    team.reserveScratch(floats: 10)
    let tally = Tally(tasks: 60)
    team.run(tasks: 60, useScratch, tally.arguments)
    #expect(tally.counts.allSatisfy { $0 == 0 })
    #expect(Set(team.scratch).count == 3)
  }

  /// A team that fills the machine pins its threads, the calling one too.
  @Test func pinningDoesNotHideProcessors() {
    let processors = Affinity.processors
    #expect(!processors.isEmpty && processors == processors.sorted())
    let team = Team(size: processors.count)
    #expect(Affinity.processors == processors)
    Affinity.release()
    #expect(team.size == processors.count)
  }

  /// A thread inherits the pin of the one that made it; later teams must not end up on one processor.
  @Test func unpinnedWorkersUseAllProcessors() {
    let processors = Affinity.processors.count
    let pinned = Team(size: processors)
    let team = Team(size: processors + 1)
    let tally = Tally(tasks: 256)
    for _ in 0..<50 { team.run(tasks: 256, countProcessors, tally.arguments) }
    let own = processorsOfThisThread()
    let workers = Set(tally.counts).subtracting([0, own])
    #expect(workers.isEmpty || workers == [processors])
    #expect(own == (processors > 1 ? 1 : processors))
    Affinity.release()
    #expect(processorsOfThisThread() == processors)
    #expect(pinned.size == processors)
  }

  @Test func teamsEndWhileTheirWorkersSpinOrSleep() {
    for pause in [0, 50_000] as [UInt32] {
      for _ in 0..<20 {
        let team = Team(size: 4)
        if pause > 0 { usleep(pause / 20) }
        _ = team
      }
    }
  }
}
