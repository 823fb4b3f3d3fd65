public import ArgumentParser
import Execution
import Glibc
import Kernels
import Networks
import Tensors
import Workers

/// `convoy bench step`: whole training steps on random images that stay in memory.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Times training steps: forward, loss, backward, momentum SGD.")

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

  @Flag(help: "Print the time of every layer.")
  var profile = false

  @Flag(help: "Print one line of JSON.")
  var json = false

  private struct Report: Encodable {
    let model, isa: String
    let batch, threads, steps, rss_bytes: Int
    let images_per_second, best, slowest, gflops, peak_gflops, peak_fraction: Double
  }

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
    try requireOption("--steps", steps, in: 1...1 << 24)
  }

  func run() throws {
    guard let entry = ModelCatalog.entry(named: model) else {
      throw ValidationError(
        "There is no model \"\(model)\".\(suggestion(for: model, among: ModelCatalog.entries.map(\.name)))")
    }
    let network = try entry.build(ModelOptions()).validated().computing(with: convolution)
    let team = Team(size: threads ?? Affinity.processors.count)
    let processor = Processor(kernels: try selectedKernels(), team: team)
    let timer = StepTimer(network, images: batch, on: processor)
    if profile { timer.pass.executor.profile = ExecutionProfile(timer.plan) }
    let seconds = timer.time(steps: steps).sorted()
    let rate = Double(batch) / seconds[seconds.count / 2]
    let gflops = rate * Double(trainingFlops(network)) * 1e-9
    let peak = processor.measurePeakFlops() * 1e-9
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let report = Report(
      model: model, isa: processor.kernels.name, batch: batch, threads: team.size, steps: steps,
      rss_bytes: usage.ru_maxrss * 1024, images_per_second: rate, best: Double(batch) / seconds[0],
      slowest: Double(batch) / seconds[seconds.count - 1], gflops: gflops, peak_gflops: peak,
      peak_fraction: gflops / peak)
    if json { return try printJSON(report) }
    if let profile = timer.pass.executor.profile { print(LayerTimes(timer.plan, profile, steps: steps).text) }
    func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    print(
      """
      \(model), batch \(batch), \(team.size) threads, \(report.isa): \(rounded(rate)) images/s \
      (\(rounded(report.slowest)) to \(rounded(report.best))), \
      \(rounded(gflops)) GFLOP/s of \(rounded(peak)), \(readableBytes(report.rss_bytes))
      """)
  }

  /// Operations per image: forward, backward-data but for the first layers, backward-weights.
  private func trainingFlops(_ network: Network) -> Int {
    network.nodes.reduce(0) { sum, node in
      let inputs = network.inputTypes(of: node)
      let macs = node.layer?.multiplyAdds(of: inputs.map(\.shape)) ?? 0
      return sum + 2 * macs * (node.inputs.contains(0) ? 2 : 3)
    }
  }
}

/// A network ready to be stepped again and again.
private final class StepTimer {
  let pass: LeafPass
  let plan: Plan
  let images: Arena
  let weights: Arena
  let statistics: Arena
  let gradients: Arena
  let velocity: Arena
  let labels: [Int32]

  init(_ network: Network, images count: Int, on processor: Processor) {
    let network = network.fused()
    plan = Plan(network, images: count, mode: .training)
    weights = Arena(count: plan.parameterFloats)
    statistics = Arena(count: plan.statisticFloats)
    gradients = Arena(count: plan.parameterFloats + plan.measureFloats)
    velocity = Arena(count: plan.parameterFloats)
    ParameterStore(plan, network).initialize(
      parameters: weights.floats, statistics: statistics.floats, seed: 0, on: processor)
    pass = LeafPass(
      Executor(plan, network, on: processor, parameters: weights.floats, statistics: statistics.floats))
    let floats = count * network.input.floats
    images = Arena(count: floats)
    processor.fillNormal(images.floats, count: floats, deviation: 1, seed: 1, purpose: .test, stream: 0)
    let classes = plan.classes
    labels = (0..<count).map { Int32($0 * 7 % classes) }
  }

  /// Seconds of each counted step.
  func time(steps: Int) -> [Double] {
    let update = MomentumStep(learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, nesterov: false)
    let clock = ContinuousClock()
    let times = (0..<steps + 2).map { step in
      if step == 2 { pass.executor.profile?.reset() }
      return clock.measure {
        labels.withUnsafeBufferPointer { labels in
          guard let labels = labels.baseAddress else { return }
          pass.run(images: images.floats, labels: labels, globalBatch: plan.images, into: gradients.floats) { _ in }
        }
        update.run(
          on: pass.executor.processor, weights: weights.floats, gradient: gradients.floats, velocity: velocity.floats,
          count: plan.parameterFloats)
      }
    }
    return times.dropFirst(2).map { Double($0.components.seconds) + Double($0.components.attoseconds) * 1e-18 }
  }
}

extension ConvolutionAlgorithm: ExpressibleByArgument {}
