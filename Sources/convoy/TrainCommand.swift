public import ArgumentParser
public import Checkpoints
import Configuration
import Glibc
import Kernels
import MessagePassing
import Training

/// `convoy train`: trains, and goes on where it stopped when run again.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a network, alone or as one rank under mpirun or srun.",
    discussion: """
      The same command line, run again, resumes from the newest checkpoint of the run directory; a finished run ends \
      at once. SIGTERM, SIGINT or SIGUSR1 stop it behind the current step with a checkpoint and exit code 75.
      """)

  @Argument(help: "The run's configuration, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String

  @Argument(help: "Changes of the configuration, for example optimizer.learningRate=0.05.")
  var overrides: [String] = []

  @Option(help: "Where the run keeps its checkpoints, metrics and status.", completion: .directory)
  var runDir: String

  @Option(help: "What to begin with: auto (the newest checkpoint of the run directory), none, or a checkpoint's path.")
  var resume = "auto"

  @Option(
    help: "Weights to begin with where there is no checkpoint yet: a safetensors file, a checkpoint, or a run.",
    completion: .file())
  var initFrom: String?

  @Flag(help: "Take from --init-from what fits the network, report what does not, and begin the rest at random.")
  var initAllowMismatch = false

  @Option(
    name: .customLong("init-rename"),
    help: ArgumentHelp(
      "Take tensors of --init-from whose names are FROM, or begin with it up to a dot, as if TO stood there.",
      discussion:
        "Names of tensors or modules, such as features.3=features.5. May be given several times; all hold at once.",
      valueName: "FROM=TO"))
  var initRenames: [TensorRename] = []

  @Option(help: "Stop with a checkpoint after this time, for example 11h50m or 90s.")
  var maxTime: String?

  @Flag(
    help: "Check configuration, data, memory and what the run begins with, print what would be done, and touch nothing."
  )
  var dryRun = false

  func validate() throws {
    if initAllowMismatch, initFrom == nil { throw ValidationError("--init-allow-mismatch needs --init-from.") }
    if !initRenames.isEmpty, initFrom == nil { throw ValidationError("--init-rename needs --init-from.") }
    for (number, rename) in initRenames.enumerated()
    where initRenames[..<number].contains(where: { $0.from == rename.from }) {
      throw ValidationError("--init-rename renames \(rename.from) twice; keep one of them.")
    }
  }

  func run() throws {
    let configuration = try RunConfiguration(file: config, overrides: overrides)
    let kernels = try selectedKernels()
    var options = TrainingOptions(runDirectory: runDir, program: "convoy \(Convoy.version)")
    options.resume = resume == "auto" ? .auto : resume == "none" ? .none : .checkpoint(resume)
    options.initialWeights = initFrom.map {
      InitialWeights($0, allowsMismatch: initAllowMismatch, renames: initRenames)
    }
    options.maximumTime = try maxTime.map(duration)
    if dryRun {
      return try withMPI(describing: failure) { world in
        let dryRun = try DryRun(configuration, options: options, on: world)
        if world.rank == 0 { print(dryRun.text) }
      }
    }
    StopRequest.listen()
    let outcome = try withMPI(describing: failure) { world in
      // MPI may have taken signals for itself.
      StopRequest.listen()
      return try Trainer(configuration, options: options, kernels: kernels, on: world).run()
    }
    if !outcome.isFinished { throw ExitCode(FailureKind.preempted.rawValue) }
  }

  /// "1h30m", "45m", "90s" or plain seconds.
  private func duration(_ text: String) throws -> Duration {
    let units: [Character: Int] = ["d": 86400, "h": 3600, "m": 60, "s": 1]
    let most = 1 << 31
    var seconds = 0
    var number = ""
    for character in text {
      if character.isNumber {
        number.append(character)
      } else if let unit = units[character], let count = Int(number), count <= most {
        seconds += count * unit
        number = ""
      } else {
        throw ValidationError("--max-time \"\(text)\" is no time; write for example 11h50m or 90s.")
      }
    }
    seconds += min(Int(number) ?? 0, most + 1)
    guard seconds > 0, seconds <= most else {
      throw ValidationError("--max-time \"\(text)\" is no time; write for example 11h50m or 90s.")
    }
    return .seconds(seconds)
  }
}

extension TensorRename: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
