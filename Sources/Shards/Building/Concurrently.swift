import Glibc

/// Runs `body` on up to `threads` threads at once, the calling one among them; returns when all are done.
///
/// Work is shared by what `body` takes, not by which thread runs it: where the system refuses a thread, the others do
/// its part.
func concurrently(threads: Int, _ body: @Sendable () -> Void) {
  precondition(threads > 0, "Work needs a thread.")
  withoutActuallyEscaping(body) { body in
    var started: [pthread_t] = []
    for _ in 1..<threads {
      var thread = pthread_t()
      let job = Unmanaged.passRetained(Job(body))
      let status = pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
          return nil
        }, job.toOpaque())
      guard status == 0 else {
        job.release()
        break
      }
      started.append(thread)
    }
    body()
    for thread in started { pthread_join(thread, nil) }
  }
}

private final class Job: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
