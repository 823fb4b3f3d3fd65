import Configuration
import Foundation
import Testing

/// The files of `configs/`.
@Suite struct ShippedConfigurationTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "configs")
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".yaml") }
    .sorted()

  @Test func thereAreSome() {
    #expect(Self.names.contains("cifar10-resnet20.yaml"))
  }

  @Test(arguments: names)
  func itIsValid(_ name: String) throws {
    _ = try RunConfiguration(file: Self.folder.appending(path: name).path)
  }

  @Test func theCIFARRecipeIsThePeersToTheLetter() throws {
    let run = try RunConfiguration(file: Self.folder.appending(path: "cifar10-resnet20.yaml").path)
    #expect(run.batch.global == 128 && run.batch.microbatch == 64 && run.batch.microbatches == 2)
    #expect(run.optimizer.learningRate == 0.1 && run.optimizer.momentum == 0.9 && run.optimizer.nesterov)
    #expect(run.optimizer.weightDecay == 5e-4 && run.optimizer.decayNormAndBias)
    #expect(run.schedule.name == .cosine && run.schedule.warmupEpochs == 1 && run.schedule.endLearningRate == 0)
    #expect(run.data.mean == [0.4914, 0.4822, 0.4465] && run.data.std == [0.2470, 0.2435, 0.2616])
    #expect(run.augmentation.resolvedPad == 4 && run.augmentation.resolvedFlip)
    #expect(run.augmentation.resolvedCropArea == nil && run.loss.labelSmoothing == 0)
    #expect(run.train.epochs == 10 && run.train.steps == nil)
  }

  @Test func presetsFillInWhatIsNotGiven() throws {
    var augmentation = RunConfiguration.Augmentation()
    #expect(augmentation.resolvedPad == 0 && !augmentation.resolvedFlip && augmentation.resolvedCropArea == nil)
    augmentation.preset = .imagenet
    #expect(augmentation.resolvedCropArea == 0.08...1)
    #expect(augmentation.resolvedPad == 0 && augmentation.resolvedFlip)
    augmentation.flip = false
    augmentation.cropArea = 0.5
    #expect(augmentation.resolvedCropArea == 0.5...1 && !augmentation.resolvedFlip)
  }

  @Test func presetsOfScaledCropsAndColoursFillInWhatIsNotGiven() {
    var augmentation = RunConfiguration.Augmentation()
    #expect(augmentation.resolvedShorterSide == nil && !augmentation.resolvedCenterSquare)
    #expect(augmentation.resolvedLighting == 0 && augmentation.resolvedSaturation == 0)
    augmentation.preset = .resnet
    #expect(augmentation.resolvedShorterSide == 256...480 && augmentation.resolvedFlip)
    #expect(!augmentation.resolvedCenterSquare && augmentation.resolvedLighting == 0.1)
    augmentation.shorterSide = [300]
    augmentation.lighting = 0
    augmentation.contrast = 0.3
    #expect(augmentation.resolvedShorterSide == 300...300 && augmentation.resolvedLighting == 0)
    #expect(augmentation.resolvedContrast == 0.3 && augmentation.resolvedBrightness == 0)
    augmentation.shorterSide = [20, 40]
    #expect(augmentation.resolvedShorterSide == 20...40)
    augmentation = RunConfiguration.Augmentation()
    augmentation.preset = .googlenet
    augmentation.brightness = 0
    #expect(augmentation.resolvedBrightness == 0 && augmentation.resolvedContrast == 0.5)
    #expect(augmentation.resolvedCropArea == 0.08...1 && augmentation.resolvedShorterSide == nil)
  }
}
