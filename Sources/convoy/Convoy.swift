import ArgumentParser

/// The command line.
@main
struct Convoy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Trains convolutional networks on CPU clusters.",
    subcommands: [ModelsCommand.self, PlanCommand.self, BenchCommand.self])
}
