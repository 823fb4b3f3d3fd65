import ArgumentParser
import Kernels
import MessagePassing
import Metrics
import Shards
import Training
import Workers

/// `convoy eval`: how good a checkpoint is.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measures a checkpoint on shards; each image counts once, for any number of ranks.")

  enum EvaluationProtocol: String, ExpressibleByArgument, CaseIterable {
    case center
  }

  @Option(help: "A checkpoint, or a run directory for its newest one.", completion: .directory)
  var checkpoint: String

  @Option(help: "The folder of shards.", completion: .directory)
  var data: String

  @Option(help: "How an image becomes the network's input: center is the centre crop.")
  var `protocol` = EvaluationProtocol.center

  @Option(help: "Images at a time; does not change results.")
  var batch: Int?

  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Flag(help: "Print one line of JSON.")
  var json = false

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
  }

  func run() throws {
    let kernels = try selectedKernels()
    try withMPI(describing: failure) { world in
      let processor = Processor(kernels: kernels, team: Team(size: threads ?? Affinity.processors.count))
      let isFirst = world.rank == 0
      let console = Console.standard(environment: RunEnvironment.variables)
      let model = try SavedModel(checkpoint, on: processor) { warning in
        if isFirst, !json { console.line("warning: \(warning)") }
      }
      let set = try ShardSet(folder: data)
      let reporter =
        isFirst && !json
        ? ProgressReporter("eval", total: set.count / world.size, unit: "images", console: console) : nil
      var done = 0
      let result = try model.evaluate(set, batch: batch, on: world) { now in
        reporter?.advance(by: now - done)
        done = now
      }
      reporter?.finish()
      guard isFirst else { return }
      if json { return try printJSON(result) }
      console.line(
        "\(model.model) step \(model.step) on \(data): top1 \(result.top1) top5 \(result.top5) loss \(result.loss) "
          + "\(result.distance.map { "distance \($0) " } ?? "")images \(result.samples)")
    }
  }
}
