import Glibc
import Workers

/// A thread that runs one function and is joined. It takes no signals: those belong to the main thread.
struct LoaderThread {
  private let thread: pthread_t

  /// `name` shows in `top` and debuggers; at most 15 characters.
  init(named name: String, _ body: @escaping @Sendable () -> Void) throws(ShardError) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A thread inherits the mask of the one that creates it, so there is no moment in which it takes signals.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        // The creator may be pinned to one processor, as a member of a team.
        Affinity.release()
        nameThisThread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard status == 0 else {
      start.release()
      throw ShardError(
        .io,
        "Cannot start the loader thread \(name): \(String(cString: strerror(status))); use fewer threads, or raise the "
          + "limit of processes (ulimit -u)")
    }
    self.thread = thread
  }

  /// Waits until the thread has ended; called once.
  func join() { pthread_join(thread, nil) }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

/// Names the calling thread, where the system lets it: a name is not worth an error.
private func nameThisThread(_ name: String) {
  let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard file >= 0 else { return }
  _ = write(file, name, name.utf8.count)
  close(file)
}
