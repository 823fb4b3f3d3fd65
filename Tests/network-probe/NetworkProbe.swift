import ArgumentParser
import Kernels
import Networks
import Workers

/// Computes with a network what scripts/peers/parity.py compares with PyTorch: reads weights, images and labels from a
/// safetensors file and writes what came out into another one.
@main
struct NetworkProbe: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "network-probe")

  @Argument(help: "The model's name; `convoy models` lists them.")
  var model: String

  @Argument(help: "A safetensors file: `images` (N × C × H × W), `labels` (N, I32), and all tensors of the model.")
  var input: String

  @Argument(help: "The safetensors file to be written.")
  var output: String

  @Option(help: "Classes of the model.")
  var classes: Int

  @Flag(help: "Compute logits and losses with the running statistics, and nothing else.")
  var evaluation = false

  @Option(help: "How convolutions are computed: auto, direct or winograd.")
  var convolution = "auto"

  @Option(help: "Steps of SGD on the batch; 0 gives the gradients alone.")
  var steps = 0

  @Option var learningRate: Float = 0.01
  @Option var momentum: Float = 0.9
  @Option var weightDecay: Float = 0
  @Flag var nesterov = false

  @Option(help: "Seed of dropout.")
  var seed: UInt64 = 1

  @Option(help: "Passes of which also what the rectifiers and the max poolings decided by is written.")
  var branches = 0

  @Option(help: "Threads; by default the size of the affinity mask.")
  var threads: Int?

  @Option(help: "An instruction set: portable, neon, avx2 or avx512; by default the fastest.")
  var isa: String?

  func run() throws {
    let input = try ProbeInput(input)
    let network = try network(for: input.shape)
    let processor = Processor(
      kernels: try kernels(), team: Team(size: threads ?? Affinity.processors.count))
    let run = try ProbeRun(network, input, on: processor)
    var results = ProbeResults()
    if evaluation {
      run.evaluate(into: &results)
    } else {
      let sgd = MomentumStep(
        learningRate: learningRate, momentum: momentum, weightDecay: weightDecay, nesterov: nesterov)
      run.train(steps: steps, by: sgd, seed: seed, branches: branches, into: &results)
    }
    try results.write(to: output)
  }

  private func network(for shape: [Int]) throws -> Network {
    guard let entry = ModelCatalog.entry(named: model) else { throw ValidationError("There is no model \(model).") }
    guard let algorithm = ConvolutionAlgorithm(rawValue: convolution) else {
      throw ValidationError("There is no convolution \(convolution).")
    }
    var options = ModelOptions(classes: classes)
    options.inputChannels = shape[1]
    // The only network that is published for other than square images takes no other size.
    if shape[2] == shape[3] { options.inputSize = shape[2] }
    return try entry.build(options).validated().computing(with: algorithm)
  }

  private func kernels() throws -> KernelSet {
    guard let isa else { return .fastest }
    guard let set = KernelSet(named: isa) else { throw ValidationError("This machine has no instruction set \(isa).") }
    return set
  }
}
