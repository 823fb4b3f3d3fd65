import ArgumentParser
import Kernels
import MessagePassing
import Metrics
import Workers

/// `convoy env`: what a bug report should say.
struct EnvCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "env", abstract: "Prints program, machine, processor and launcher, as env.json of a run has them.")

  @Flag(help: "Accepted for symmetry: the output is always JSON.")
  var json = false

  func run() throws {
    let kernels = try selectedKernels()
    try withMPI(describing: failure) { world in
      guard world.rank == 0 else { return }
      let facts = RunEnvironment.Facts(
        version: Convoy.version, instructionSet: kernels.name, threads: Affinity.processors.count, ranks: world.size)
      print(RunEnvironment(facts).page, terminator: "")
    }
  }
}
