import ArgumentParser

/// `convoy bench`: how fast this machine is at what training does.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the parts of training.",
    subcommands: [BenchStepCommand.self, BenchKernelsCommand.self, BenchLoaderCommand.self])
}
