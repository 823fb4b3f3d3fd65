import ArgumentParser
import Kernels
import Networks
import Workers

/// `convoy bench kernels`: each pass over each distinct shape of a model.
struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels", abstract: "Times each pass over each distinct layer shape of models.",
    discussion: """
      Every round runs each pass once, in the order of a training step, and the median over the rounds is given. So a \
      pass finds the caches as the one before it left them: activations and gradients lie in buffers that all passes \
      share and may be warm, weights are each layer's own and come from memory or the last cache. Convolutions are \
      timed without bias and rectifier, and with all that their algorithm does on the way, such as transposing or \
      transforming weights. Other layers are timed as training runs them, fused rectifiers and residuals included.

      GFLOP/s are those of the direct way, two for each multiply-add, whatever the algorithm does: with Winograd their \
      share of the peak may exceed 100 %. The peak is that of multiply-adds from registers, measured between the \
      passes. GB/s count bytes as `convoy plan --schedule` does.
      """)

  @Option(parsing: .upToNextOption, help: "Names of models; `convoy models` lists them.")
  var model = ["resnet50"]

  @Option(help: "Images per pass.")
  var batch = 8

  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Option(help: "Only this pass: forward, backward-data, weight-gradient (of convolutions) or backward (of others).")
  var pass: PassKind?

  @Option(help: "How convolutions are computed: auto, direct or winograd.")
  var algorithm = ConvolutionAlgorithm.auto

  @Option(help: "Counted rounds, after one that is not.")
  var repetitions = 5

  @Flag(help: "Leave out layers that are no convolutions.")
  var convolutionsOnly = false

  @Flag(help: "Print JSON: a list with one object for each pass and shape.")
  var json = false

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
    try requireOption("--repetitions", repetitions, in: 1...1 << 24)
    _ = try entries()
    guard pass != .backward || !convolutionsOnly else {
      throw ValidationError("--pass backward is of layers that --convolutions-only leaves out.")
    }
  }

  private func entries() throws -> [ModelCatalog.Entry] {
    try model.map { name in
      guard let entry = ModelCatalog.entry(named: name) else {
        throw ValidationError(
          "There is no model \"\(name)\".\(suggestion(for: name, among: ModelCatalog.entries.map(\.name)))")
      }
      return entry
    }
  }

  func run() throws {
    let processor = Processor(kernels: try selectedKernels(), team: Team(size: threads ?? Affinity.processors.count))
    var rows: [KernelReport] = []
    for entry in try entries() {
      let timed = try reports(entry, on: processor)
      rows += timed
      if json { continue }
      let peak = Measurements(timed.map(\.peak_gflops) + (timed.isEmpty ? [0] : [])).median
      print(
        "\(entry.name), batch \(batch), \(processor.team.size) threads, \(processor.kernels.name), peak "
          + "\(fixed(peak, 1)) GFLOP/s, medians of \(repetitions)\n\n\(KernelReport.text(timed))\n")
    }
    if json { try printJSON(rows) }
  }

  private func reports(_ entry: ModelCatalog.Entry, on processor: Processor) throws -> [KernelReport] {
    let bench: KernelBench
    do {
      bench = try KernelBench(
        try entry.build(ModelOptions()).validated().validated(images: batch), images: batch, algorithm: algorithm,
        on: processor
      ) { layer, kind in
        (pass == nil || kind == pass) && (layer.convolution != nil || !convolutionsOnly)
      }
    } catch let shortage as KernelBench.MemoryShortage {
      throw ValidationError(
        "--batch \(batch): the layers of \(entry.name) need \(readableBytes(shortage.needed)), and this machine has "
          + "\(readableBytes(KernelPlaces.machineBytes)); make --batch smaller.")
    }
    return zip(bench.passes, bench.times(repetitions: repetitions)).map { pass, times in
      KernelReport(pass, times, model: entry.name, images: batch, on: processor)
    }
  }
}
