import Configuration
import Foundation
import Shards
import Tensors
import TestSupport
import Testing
import Training

@Suite("From stored images to the network's input") struct InputPipelineTests {
  private func pipeline(
    input: Shape = Shape(channels: 3, height: 32, width: 32), stored: Int = 32, jpeg: Bool = false,
    _ change: (inout RunConfiguration) -> Void = { _ in }
  ) throws -> (InputPipeline, ShardSet) {
    try withTemporaryFolder { folder in
      var path = folder.path + "/shards"
      _ = try ShardSynthesis(
        count: 10, size: stored, seed: 0, split: "train", output: jpeg ? folder.path + "/tree" : path,
        destination: jpeg ? .tree(quality: 90) : .shards(shardByteCount: 1 << 20), threads: 1, overwrites: false
      ).run()
      if jpeg {
        path = folder.path + "/jpeg"
        _ = try ShardBuild(
          input: folder.path + "/tree", labelsFile: nil, output: path, split: "train", encoding: .jpeg,
          shardByteCount: 1 << 20, threads: 1, skipsUnreadable: false, overwrites: false
        ).run()
      }
      var configuration = RunConfiguration()
      change(&configuration)
      let set = try ShardSet(folder: path)
      return (try InputPipeline(configuration, input: input, set: set), set)
    }
  }

  @Test func normalisesWithTheShardsStatistics() throws {
    let (pipeline, set) = try pipeline()
    #expect(pipeline.training.normalization.mean == set.mean.map(Float.init))
    #expect(pipeline.training.normalization.deviation == set.std.map(Float.init))
    #expect(pipeline.evaluation.normalization == pipeline.training.normalization)
  }

  @Test func normalisesAsConfigured() throws {
    let (pipeline, _) = try pipeline {
      $0.data.mean = [0.5, 0.25, 0.125]
      $0.data.std = [0.5, 1, 2]
    }
    #expect(pipeline.training.normalization.mean == [0.5, 0.25, 0.125])
    #expect(pipeline.evaluation.normalization.deviation == [0.5, 1, 2])
  }

  @Test func greyNetworksSeeLuma() throws {
    let (pipeline, set) = try pipeline(input: Shape(channels: 1, height: 28, width: 28))
    let luma = 0.299 * set.mean[0] + 0.587 * set.mean[1] + 0.114 * set.mean[2]
    #expect(pipeline.training.normalization.mean == [Float(luma)])
  }

  @Test func augmentsOnlyTraining() throws {
    #expect(try pipeline().0.training.augmentation == .centre(resizedTo: nil))
    let cifar = try pipeline { $0.augmentation.preset = .cifar }.0
    #expect(cifar.training.augmentation == Augmentation(.paddedCrop(padding: 4), flips: true))
    #expect(cifar.evaluation.augmentation == .centre(resizedTo: nil))
    let imagenet = try pipeline { $0.augmentation.preset = .imagenet }.0
    #expect(imagenet.training.augmentation == Augmentation(.randomResizedCrop(minimumArea: 0.08), flips: true))
    let mixed = try pipeline {
      $0.augmentation.preset = .cifar
      $0.augmentation.pad = 2
      $0.augmentation.flip = false
    }.0
    #expect(mixed.training.augmentation == Augmentation(.paddedCrop(padding: 2), flips: false))
    let area = try pipeline { $0.augmentation.cropArea = 0.5 }.0
    #expect(area.training.augmentation == Augmentation(.randomResizedCrop(minimumArea: 0.5), flips: false))
  }

  /// A preset's name means the same in a configuration and where commands take it by itself.
  @Test(arguments: RunConfiguration.Augmentation.Preset.allCases)
  func presetsAreThoseOfTheLoader(_ preset: RunConfiguration.Augmentation.Preset) throws {
    let named = try #require(Augmentation.Preset(rawValue: preset.rawValue))
    #expect(try pipeline { $0.augmentation.preset = preset }.0.training.augmentation == Augmentation(named))
  }

  @Test func keysOfPresetsAreOverridden() throws {
    let given = try pipeline {
      $0.augmentation.preset = .alexnet
      $0.augmentation.shorterSide = [32, 36]
      $0.augmentation.centerSquare = false
      $0.augmentation.lighting = 0.2
      $0.augmentation.brightness = 0.25
    }.0
    #expect(
      given.training.augmentation
        == Augmentation(
          .scaledCrop(shorterSide: 32...36, inCentreSquare: false), flips: true,
          colours: ColourVariation(brightness: 0.25, lighting: 0.2)))
  }

  /// 256 for 224, as the field does; small images and those that fit are left alone.
  @Test func resizesForEvaluation() throws {
    let large = Shape(channels: 3, height: 224, width: 224)
    #expect(try pipeline(input: large, stored: 32).0.evaluation.augmentation == .centre(resizedTo: 256))
    #expect(try pipeline(input: large, stored: 32, jpeg: true).0.evaluation.augmentation == .centre(resizedTo: 256))
    #expect(try pipeline(input: large, stored: 224).0.evaluation.augmentation == .centre(resizedTo: nil))
    #expect(try pipeline(stored: 64).0.evaluation.augmentation == .centre(resizedTo: nil))
    let given = try pipeline { $0.evaluation.resize = 40 }.0
    #expect(given.evaluation.augmentation == .centre(resizedTo: 40))
  }

  @Test func refusesWhatCannotBe() {
    func refuses(
      _ phrase: String, input: Shape = Shape(channels: 3, height: 32, width: 32),
      _ change: (inout RunConfiguration) -> Void = { _ in }
    ) {
      let error = #expect(throws: TrainingError.self) { _ = try pipeline(input: input, change) }
      #expect(error?.kind == .configuration)
      #expect(error?.description.contains(phrase) == true, "\(String(describing: error))")
    }
    refuses("evaluation.resize is 31") { $0.evaluation.resize = 31 }
    refuses("augmentation.shorterSide is 30, but the network's input has 32 × 32 pixels") {
      $0.augmentation.shorterSide = [30, 40]
    }
    refuses("model.inputChannels is 2", input: Shape(channels: 2, height: 32, width: 32))
    refuses("have 1 channels, but the network's images have 3") {
      $0.data.mean = [0.5]
      $0.data.std = [0.5]
    }
    refuses("too large or too small") {
      $0.data.mean = [1e300, 0, 0]
      $0.data.std = [1, 1, 1]
    }
    refuses("too large or too small") {
      $0.data.mean = [0, 0, 0]
      $0.data.std = [1, 1, 1e-300]
    }
  }
}
