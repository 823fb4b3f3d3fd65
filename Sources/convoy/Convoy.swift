import ArgumentParser

/// The command line.
@main
struct Convoy: ParsableCommand {
  static let version = "0.1.0"
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Trains convolutional networks on CPU clusters.",
    discussion: """
      Start it with mpirun or srun for several ranks, alone for one:
        mpirun -n 2 convoy train configs/shapes-resnet20.yaml --run-dir runs/shapes
      Exit codes: 0 done, 64 usage, 65 bad data or checkpoint, 66 input missing, 69 cluster, 70 internal, 73 cannot \
      create, 74 input/output, 75 stopped with a checkpoint, 78 configuration, 80 NaN, 81 ranks diverged, 82 stalled, \
      83 another run's checkpoint.
      """,
    version: version,
    subcommands: [
      TrainCommand.self, EvalCommand.self, PredictCommand.self, DataCommand.self, PlanCommand.self, ModelsCommand.self,
      CheckpointCommand.self, BenchCommand.self, EnvCommand.self,
    ])

  /// Only here does the program exit.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(with: error)
    }
  }
}
