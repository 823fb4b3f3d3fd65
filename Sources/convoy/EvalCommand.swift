public import ArgumentParser
public import Configuration
import Kernels
import MessagePassing
import Metrics
import Shards
import Training
import Workers

/// `convoy eval`: how good a checkpoint is.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measures a checkpoint on shards; each image counts once, for any number of ranks.",
    discussion: """
      Protocols: center is one centre crop. tenCrop, multiCrop (150 crops) and googlenet144 average the softmax of \
      many crops of an image; dense slides the network over the whole image and its mirror image, overfeat with the \
      last max pooling at every offset. They measure the loss and ranks of the averaged probabilities. The result is \
      the same for any number of ranks and any --batch.
      """)

  @Option(help: "A checkpoint, or a run directory for its newest one.", completion: .directory)
  var checkpoint: String

  @Option(help: "The folder of shards.", completion: .directory)
  var data: String

  @Option(help: "How an image becomes the network's input; by default as in the run.")
  var `protocol`: RunConfiguration.Evaluation.Procedure?

  @Option(help: "For center and tenCrop: the pixels of the shorter side before the crop.")
  var resize: Int?

  @Option(help: "For the other protocols: the pixels of the shorter side, one or several, for example 256,384,512.")
  var scales: String?

  @Option(help: "Images or crops at a time; does not change results.")
  var batch: Int?

  @Option(help: "A CSV file for what is predicted of each image.", completion: .file(extensions: ["csv"]))
  var predictions: String?

  @Option(
    help: "A file for the confusion matrix, .csv or .png; of a name with neither both are made.",
    completion: .file(extensions: ["csv", "png"]))
  var confusion: String?

  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Flag(help: "Print one line of JSON.")
  var json = false

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
    try requireOption("--resize", resize, in: OptionLimits.pixels)
    for scale in try scaleList() ?? [] { try requireOption("--scales", scale, in: OptionLimits.pixels) }
  }

  /// The numbers of `scales`.
  private func scaleList() throws -> [Int]? {
    try scales?.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let scale = Int(text) else {
        throw ValidationError("--scales \"\(scales ?? "")\" is no list of numbers; write for example 256,384,512.")
      }
      return scale
    }
  }

  /// What the run was configured with, changed by the options: another protocol brings its own sizes.
  private func settings(_ configured: RunConfiguration.Evaluation) throws -> RunConfiguration.Evaluation {
    var settings = configured
    if let `protocol`, `protocol` != configured.protocol {
      settings.protocol = `protocol`
      settings.resize = nil
      settings.scales = nil
    }
    settings.resize = resize ?? settings.resize
    settings.scales = try scaleList() ?? settings.scales
    settings.batch = batch ?? settings.batch
    return settings
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
      let reports =
        isFirst
        ? try EvalReports(predictions: predictions, confusion: confusion, classes: model.allClasses.count) : nil
      let reporter =
        isFirst && !json
        ? ProgressReporter("eval", total: set.count / world.size, unit: "images", console: console) : nil
      var done = 0
      let settings = try settings(model.evaluation)
      let (result, made) = try model.evaluate(
        set, settings, details: predictions != nil || confusion != nil, on: world
      ) { now in
        reporter?.advance(by: now - done)
        done = now
      }
      reporter?.finish()
      try reports?.write(made, of: set, names: model.allClasses)
      guard isFirst else { return }
      if json { return try printJSON(result) }
      console.line(
        "\(model.model) step \(model.step) on \(data), \(settings.protocol.rawValue): top1 \(result.top1) "
          + "top5 \(result.top5) loss \(result.loss) \(result.distance.map { "distance \($0) " } ?? "")"
          + "images \(result.samples)")
    }
  }
}

extension RunConfiguration.Evaluation.Procedure: ExpressibleByArgument {}
