import CProcessor
import Glibc
import Synchronization

/// A part of a job: `arguments` are the job's, `task` its number, `scratch` belongs to the thread that runs it.
public typealias TaskFunction =
  @convention(c) (_ arguments: UnsafeRawPointer, _ task: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void

/// A team of threads that runs one job at a time: the calling thread and `size - 1` workers.
///
/// Each thread starts with its own run of tasks, the same for equal task counts, so that it finds its data in its own
/// cache; then it takes tasks from the others. Starting a job allocates nothing. Jobs come from one thread at a time.
public final class Team: @unchecked Sendable {  // All shared state is atomic or published by `generation`.
  public let size: Int
  private let state: TeamState
  private var threads: [pthread_t] = []

  /// Workers are pinned when the team fills the processors that this process may use.
  public init(size: Int) {
    precondition(size > 0)
    self.size = size
    state = TeamState(size: size)
    cprocessor_flush_denormals()
    let processors = Affinity.processors
    let pinned = size > 1 && processors.count == size
    if pinned { Affinity.bind(pthread_self(), to: [processors[0]]) }
    for index in 1..<max(size, 1) {
      threads.append(startThread(index, processors: pinned ? [processors[index]] : processors))
    }
  }

  deinit {
    state.stop()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Makes each thread's scratch hold at least `count` floats. Not during a job.
  public func reserveScratch(floats count: Int) {
    state.reserveScratch(floats: count)
  }

  /// Each thread's scratch, so that tests can see what a job touches. Not during a job.
  package var scratch: [UnsafeMutablePointer<Float>] { state.scratch }

  /// Runs `function` for every task in 0..<`tasks`, and returns when all are done.
  public func run(tasks: Int, _ function: TaskFunction, _ arguments: UnsafeRawPointer) {
    if size == 1 || tasks <= 1 {
      let scratch = state.scratch[0]
      for task in 0..<tasks { function(arguments, task, scratch) }
      return
    }
    state.start(tasks: tasks, function, arguments)
    state.work(as: 0)
    state.waitForWorkers()
  }

  private func startThread(_ index: Int, processors: [Int]) -> pthread_t {
    let start = Unmanaged.passRetained(WorkerStart(state: state, index: index))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // Signals belong to the main thread.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
        cprocessor_flush_denormals()
        start.state.serve(as: start.index)
        return nil
      }, start.toOpaque())
    precondition(status == 0, "Could not start a thread: \(String(cString: strerror(status))).")
    pthread_sigmask(SIG_SETMASK, &before, nil)
    Affinity.bind(thread, to: processors)
    return thread
  }
}

/// What a worker needs to begin.
private final class WorkerStart: Sendable {
  let state: TeamState
  let index: Int
  init(state: TeamState, index: Int) {
    self.state = state
    self.index = index
  }
}
