public import ArgumentParser
import Execution
import Kernels
import Networks
import Tensors
import Workers

/// `convoy bench step`: whole training steps, or evaluation passes, on random images that stay in memory.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Times training steps (forward, loss, backward, momentum SGD) or evaluation passes.")

  @Option(help: "The model's name; `convoy models` lists them.")
  var model: String

  @Option(help: "Images per step.")
  var batch = 32

  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Option(help: "Counted steps, after two that are not.")
  var steps = 10

  @Option(help: "How convolutions are computed: auto, direct or winograd.")
  var convolution = ConvolutionAlgorithm.auto

  @Option(help: "What a step is: training, or evaluation (forward alone, with running statistics).")
  var mode = Plan.Mode.training

  @Flag(help: "Print the time of every pass, and sums by kind.")
  var profile = false

  @Option(
    help: "Write the counted steps, 1000 at most, as a trace that ui.perfetto.dev opens.",
    completion: .file(extensions: ["json"]))
  var trace: String?

  @Flag(help: "Print one line of JSON.")
  var json = false

  /// Counted steps of a trace: each has an event for every pass.
  private static let tracedSteps = 1000

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
    try requireOption("--steps", steps, in: 1...1 << 24)
    guard let trace else { return }
    guard !trace.isEmpty else { throw ValidationError("--trace needs the name of a file.") }
    guard steps <= Self.tracedSteps else {
      throw ValidationError("--trace takes at most \(Self.tracedSteps) steps; --steps is \(steps).")
    }
  }

  func run() throws {
    guard let entry = ModelCatalog.entry(named: model) else {
      throw ValidationError(
        "There is no model \"\(model)\".\(suggestion(for: model, among: ModelCatalog.entries.map(\.name)))")
    }
    if let trace { try StepTrace.requirePlace(trace) }
    let network = try entry.build(ModelOptions()).validated().validated(images: batch)
      .computing(with: convolution)
    let processor = Processor(
      kernels: try selectedKernels(), team: Team(size: threads ?? Affinity.processors.count))
    let timer = StepTimer(network, images: batch, mode: mode, on: processor)
    let schedule = Schedule(timer.plan)
    if profile || trace != nil { timer.profile = ExecutionProfile(schedule, keepingBoundaries: trace != nil) }
    let seconds = try timer.time(steps: steps)
    let times = profile ? timer.profile.map(PassTimes.init) : nil
    var spans = 0
    if let trace, let profile = timer.profile {
      let events = StepTrace(
        profile, title: "\(model), \(mode.rawValue), batch \(batch), \(processor.team.size) threads")
      try events.write(to: trace)
      spans = events.spans
    }
    let report = StepReport(
      model: model, schedule, seconds: seconds, toFirstStep: timer.secondsToFirstStep, times: times, trace: trace,
      on: processor)
    if json { return try printJSON(report) }
    if let times { print(times.text) }
    print(report.text)
    if let trace { print("\(trace): \(spans) spans of \(steps) steps; open it in ui.perfetto.dev") }
  }
}

extension ConvolutionAlgorithm: ExpressibleByArgument {}
extension Plan.Mode: ExpressibleByArgument {}
