import ArgumentParser
import Metrics
import Shards
import Synchronization
import Workers

/// `convoy data`: shards of images.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Makes, looks at and verifies shards.",
    subcommands: [
      DataBuildCommand.self, DataSynthCommand.self, DataInspectCommand.self, DataVerifyCommand.self,
      DataSampleCommand.self,
    ])
}

/// Options of the commands that work on many images.
struct WorkOptions: ParsableArguments {
  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Flag(help: "Print no progress.")
  var quiet = false

  var threadCount: Int { threads ?? Affinity.processors.count }

  func validate() throws {
    try requireOption("--threads", threads, in: OptionLimits.threads)
  }

  /// Hears how far the work is, and shows it.
  func progress(_ label: String) -> @Sendable (ShardProgress) -> Void {
    guard !quiet else { return { _ in } }
    let shown = ShownProgress(label)
    return { shown.show($0) }
  }
}

/// A progress report that begins when it first hears of the work's size.
private final class ShownProgress: Sendable {
  private struct State {
    var reporter: ProgressReporter?
    var done = 0
  }

  private let label: String
  private let state = Mutex(State())

  init(_ label: String) { self.label = label }

  func show(_ progress: ShardProgress) {
    state.withLock { state in
      let reporter =
        state.reporter
        ?? ProgressReporter(
          label, total: progress.total, unit: "images", console: .standard(environment: RunEnvironment.variables))
      state.reporter = reporter
      reporter.advance(by: progress.done - state.done)
      state.done = progress.done
      if progress.done == progress.total { reporter.finish() }
    }
  }
}
