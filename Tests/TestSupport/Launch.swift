import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs `executable` (a path, or a name to be found in `PATH`) to its end and returns what it wrote.
///
/// The program gets this process's environment, changed by `environment` (nil removes a variable), and no standard
/// input. It runs in a session of its own; at `timeout` the session gets SIGTERM, and three seconds later SIGKILL.
/// `whileRunning` is called with the program's process identifier once it was started, for tests that interrupt it.
/// Throws only if the program cannot be started, or if `whileRunning` throws.
public func run(
  _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
  timeout: Duration = .seconds(120), whileRunning: @Sendable (Int32) async throws -> Void = { _ in }
) async throws -> ProgramRun {
  var options = PlatformOptions()
  options.createSession = true
  let configuration = Subprocess.Configuration(
    executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
    arguments: Arguments(arguments),
    environment: .inherit.updating(
      Dictionary(
        uniqueKeysWithValues: environment.compactMap { key, value in
          Environment.Key(rawValue: key).map { ($0, value) }
        })),
    platformOptions: options)
  let limit = 64 << 20
  let result = try await Subprocess.run(
    configuration, input: .none, output: .string(limit: limit), error: .string(limit: limit)
  ) { execution in
    let limit = TimeLimit(timeout, session: execution.processIdentifier.value)
    try await whileRunning(execution.processIdentifier.value)
    return limit
  }
  result.closureResult.cancel()
  let exitCode =
    switch result.terminationStatus {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  return ProgramRun(
    exitCode: exitCode, output: result.standardOutput, errors: result.standardError,
    timedOut: result.closureResult.hasExpired)
}

/// Runs `executable` on `ranks` ranks of this machine by `mpirun`, as `run(_:_:environment:timeout:)`.
///
/// `whileRunning` gets the identifier of mpirun. Works as root, with more ranks than cores, and binds no rank to a
/// core. Variables of `environment` reach every rank.
public func mpirun(
  ranks: Int, executable: String, arguments: [String] = [], environment: [String: String?] = [:],
  timeout: Duration = .seconds(120), whileRunning: @Sendable (Int32) async throws -> Void = { _ in }
) async throws -> ProgramRun {
  let launchable = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
  let options = ["-n", "\(ranks)", "--oversubscribe", "--bind-to", "none"]
  return try await run(
    "mpirun", options + [executable] + arguments,
    environment: environment.merging(launchable.mapValues(Optional.some)) { given, _ in given }, timeout: timeout,
    whileRunning: whileRunning)
}

/// Kills the session of a program that runs for too long.
private final class TimeLimit: Sendable {
  private let expired = Atomic(false)
  private let task = Mutex<Task<Void, any Error>?>(nil)

  var hasExpired: Bool { expired.load(ordering: .relaxed) }

  init(_ limit: Duration, session: pid_t) {
    task.withLock {
      $0 = Task {
        try await Task.sleep(for: limit)
        self.expired.store(true, ordering: .relaxed)
        kill(-session, SIGTERM)
        try await Task.sleep(for: .seconds(3))
        kill(-session, SIGKILL)
      }
    }
  }

  func cancel() { task.withLock { $0?.cancel() } }
}
