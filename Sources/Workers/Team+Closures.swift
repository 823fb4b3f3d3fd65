extension Team {
  /// Runs `body` for every task in 0..<`tasks`, each on the thread that comes to it, and returns when all are done.
  public func run(tasks: Int, _ body: @Sendable (_ task: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: ClosureJob(body: body)) { job in
        run(
          tasks: tasks,
          { job, task, _ in job.assumingMemoryBound(to: ClosureJob.self).pointee.body(task) }, job)
      }
    }
  }
}

private struct ClosureJob {
  let body: @Sendable (Int) -> Void
}
