import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Models compute what PyTorch computes", .serialized)
struct PyTorchTests {
  static let small = ["linear", "mlp", "alvinn", "lenet5", "lenet5-1998", "lenet-caffe", "resnet20", "plain20"]
  /// The larger networks only where the tests' own loops are optimized.
  static let models: [String] = {
    #if DEBUG
      small
    #else
      small + [
        "resnet32", "resnet44", "resnet56", "resnet110", "plain32", "plain44", "plain56", "plain110",
        "alexnet", "alexnet-owt", "zfnet", "overfeat-fast", "overfeat-accurate", "vgg11", "vgg13", "vgg16c", "vgg16",
        "vgg19", "googlenet", "googlenet-bn", "resnet18", "resnet18-a", "resnet18-c", "plain18", "resnet34",
        "resnet34-a", "resnet34-c", "plain34", "resnet50", "resnet50-v1", "resnet101", "resnet101-v1", "resnet152",
        "resnet152-v1",
      ]
    #endif
  }()

  @Test(arguments: models, [ConvolutionAlgorithm.direct, .winograd])
  func lossesGradientsAndSteps(_ model: String, _ algorithm: ConvolutionAlgorithm) throws {
    try check(model, algorithm, fused: true)
  }

  @Test(arguments: small)
  func withoutFusing(_ model: String) throws {
    try check(model, .auto, fused: false)
  }

  /// Goldens stay away from the kinks of rectifiers and poolings, so that only rounding is left.
  private func check(_ model: String, _ algorithm: ConvolutionAlgorithm, fused: Bool) throws {
    let golden = try PyTorchGolden.load(model)
    let processor = Processor(team: Team(size: 2))
    let run = try GoldenRun(model, golden, algorithm, fused: fused, on: processor)

    let logits = run.logits()
    #expect(logits.count == golden.logits.count)
    for (head, expected) in zip(logits, golden.logits) {
      #expect(relativeError(head, expected) < tolerance(1e-5, golden.rounding.logits))
    }
    var losses = [run.compute()]
    try checkGradients(of: run)
    for _ in 1..<golden.losses.count {
      run.step(on: processor)
      losses.append(run.compute())
    }
    #expect(relativeError(losses, golden.losses) < tolerance(1e-4, golden.rounding.losses))
    for expected in golden.parameters {
      let tensor = try run.parameter(expected.name)
      let error = abs(run.norm(tensor, in: run.weights.floats) / expected.weightNorm - 1)
      #expect(error < tolerance(1e-4, golden.rounding.weights), "\(tensor.name)")
    }
    for expected in golden.running {
      let tensor = try #require(run.store.statistics.first { $0.name == expected.name })
      let error = abs(run.norm(tensor, in: run.statistics.floats) / expected.norm - 1)
      #expect(error < tolerance(1e-4, golden.rounding.running), "\(tensor.name)")
    }
  }

  private func checkGradients(of run: GoldenRun) throws {
    let rounding = run.golden.rounding.gradients
    for expected in run.golden.parameters {
      let tensor = try run.parameter(expected.name)
      let error = abs(run.norm(tensor, in: run.gradients.floats) / expected.gradientNorm - 1)
      #expect(error < tolerance(1e-4, rounding), "\(tensor.name)")
      let samples = run.samples(tensor, in: run.gradients.floats)
      let size = expected.gradientNorm / Double(tensor.count).squareRoot()
      let greatest = zip(samples, expected.gradient).map { abs($0 - $1) / max(abs($1), size) }.max() ?? 0
      #expect(greatest < tolerance(1e-4, 2 * rounding), "\(tensor.name)")
    }
  }

  /// The relative error that is allowed: `least`, or, in networks that amplify rounding so far, five times PyTorch's in
  /// single precision, since Winograd's is greater. `rounding` is that of whole tensors; the worst one of thousands of
  /// single values is twice as far off.
  private func tolerance(_ least: Double, _ rounding: Double) -> Double { max(least, 5 * rounding) }
}
