import Checkpoints
import Configuration
import Execution
import Foundation
import Networks
import Shards
import Tensors
import Testing
import Training

/// Every file of `configs/` can be trained: there is such a network, and it takes such images and batches.
@Suite("Recipes that are shipped") struct ShippedRecipeTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "configs")
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".yaml") }
    .sorted()

  private func configuration(_ name: String) throws -> RunConfiguration {
    try RunConfiguration(file: Self.folder.appending(path: name).path)
  }

  /// The lines before the first key.
  private func header(_ name: String) throws -> String {
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
      .joined(separator: "\n")
  }

  @Test(arguments: names) func itsNetworkTakesItsImages(_ name: String) throws {
    let run = try configuration(name)
    let network = try Replica.network(run)
    let input = network.input.shape
    #expect(network.nodes[network.output].type.shape.count == run.model.classes)
    if let mean = run.data.mean { #expect(mean.count == input.channels) }
    if let resize = run.evaluation.resize { #expect(resize >= max(input.height, input.width)) }
    if let sides = run.augmentation.resolvedShorterSide {
      #expect(sides.lowerBound >= max(input.height, input.width))
    }
    let plan = Plan(network.fused(), images: run.batch.microbatch, mode: .training)
    // Weights, gradients, two moments and an average: two ranks must fit a node of 64 GB.
    let bytes = 4 * (plan.activationFloats + 5 * plan.parameterFloats)
    #expect(bytes < 30 << 30, "\(bytes >> 20) MiB")
  }

  /// The last drop and the beginning of an average come before the end.
  @Test(arguments: names) func itsScheduleEndsWithIt(_ name: String) throws {
    let run = try configuration(name)
    let samples = name.contains("imagenet") ? 1_281_167 : name.contains("mnist") ? 60_000 : 50_000
    let length = RunLength(run, samples: samples)
    let schedule = LearningRateSchedule(run, length)
    #expect(schedule.warmup < length.steps / 4)
    #expect(run.average.fromStep < length.steps)
    if let last = run.schedule.milestonesEpochs.last { #expect(last < length.epochs(after: length.steps)) }
    for step in 1..<10 {
      let rate = schedule.learningRate(at: length.steps * step / 10)
      #expect(rate > 0 && rate <= run.peakLearningRate)
    }
    if name.hasSuffix("-cifar10.yaml"), run.model.name != "linear" {
      // He et al. 2015, section 4.2.
      let rates = [31_999, 32_000, 47_999, 48_000].map { schedule.learningRate(at: $0) }
      #expect(zip(rates, [0.1, 0.01, 0.01, 0.001]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test(arguments: names) func itBeginsWithItsCommand(_ name: String) throws {
    let header = try header(name)
    #expect(header.contains("convoy train configs/\(name) --run-dir runs/"))
    if name.contains("-imagenet") || name.hasSuffix("-cifar10.yaml") || name.hasSuffix("-mnist.yaml") {
      #expect(header.contains("ublished"), "nothing is said of what to expect")
    }
    // Ranks that the command starts have something to do.
    if let ranks = try header.firstMatch(of: Regex("mpirun -n ([0-9]+) convoy train", as: (Substring, Substring).self)),
      let count = Int(ranks.1)
    {
      #expect(try count <= configuration(name).batch.microbatches)
    }
  }

  /// Simonyan and Zisserman 2014, section 3.1: four convolutions and the dense layers of configuration A.
  @Test(arguments: ["vgg13", "vgg16c", "vgg16", "vgg19"]) func itBeginsFromAShallowerNetwork(_ name: String) throws {
    func tensors(_ model: String) throws -> [TensorDescription] {
      let network = try Replica.network(try configuration("\(model)-imagenet.yaml"))
      return ParameterStore(Plan(network, images: 1, mode: .training), network).parameters.map {
        TensorDescription($0.name, shape: $0.shape)
      }
    }
    let rules = try header("\(name)-imagenet.yaml").matches(
      of: Regex("--init-rename ([^ \n]+)", as: (Substring, Substring).self)
    ).map { try #require(TensorRename(String($0.1))) }
    let renamed = try RenamedTensors(tensors("vgg11"), by: rules, path: "vgg11")
    let wanted = try tensors(name)
    let match = TensorMatch(wanted: wanted, found: renamed.tensors)
    let taken = wanted.map(\.name).filter { !(match.missing + match.mismatched).contains($0) }
    let layers = [
      "features.0", "features.5", "features.10", "features.12", "classifier.0", "classifier.3", "classifier.6",
    ]
    #expect(taken == layers.flatMap { ["\($0).weight", "\($0).bias"] })
  }

  @Test func everyModelHasOne() throws {
    let models = try Set(Self.names.map { try configuration($0).model.name })
    // those of the lecture are shown, not trained.
    let missing = ModelCatalog.entries.map(\.name).filter { !$0.hasPrefix("lecture-") && !models.contains($0) }
    #expect(missing.isEmpty, "no file of configs/ trains \(missing)")
  }

  /// What the papers say, where a slip would not be noticed.
  @Test func theRecipesAreThoseOfThePapers() throws {
    let alexNet = try configuration("alexnet-imagenet.yaml")
    #expect(alexNet.batch.global == 128 && alexNet.optimizer.learningRate == 0.01)
    #expect(alexNet.optimizer.weightDecay == 5e-4 && alexNet.optimizer.resolvedMomentumForm == .caffe)
    #expect(alexNet.augmentation.resolvedCenterSquare && alexNet.augmentation.resolvedLighting == 0.1)
    let zfNet = try configuration("zfnet-imagenet.yaml")
    #expect(zfNet.optimizer.filterRenormalization == 0.1 && zfNet.augmentation.resolvedLighting == 0)
    let vgg = try configuration("vgg16-imagenet.yaml")
    #expect(vgg.train.steps == 370_000 && vgg.augmentation.resolvedShorterSide == 256...512)
    #expect(try configuration("vgg11-imagenet.yaml").augmentation.resolvedShorterSide == 256...256)
    let large = try configuration("resnet50-imagenet-8k.yaml")
    #expect(abs(large.peakLearningRate - 3.2) < 1e-12 && large.batch.microbatches == 256)
    #expect(large.schedule.warmupEpochs == 5 && large.schedule.warmupLearningRate == 0.1)
    #expect(!large.optimizer.decayNormAndBias && large.initialization.zeroGamma && large.optimizer.nesterov)
    let googLeNet = try configuration("googlenet-imagenet.yaml")
    #expect(googLeNet.schedule.factor == 0.96 && googLeNet.schedule.stepEpochs == 8)
    #expect(googLeNet.augmentation.resolvedCropArea == 0.08...1 && googLeNet.augmentation.resolvedContrast == 0.5)
    let resNet = try configuration("resnet34-a-imagenet.yaml")
    #expect(resNet.batch.global == 256 && resNet.batch.microbatch == 32 && resNet.train.steps == 600_000)
    #expect(resNet.augmentation.resolvedShorterSide == 256...480 && resNet.optimizer.weightDecay == 1e-4)
  }
}
