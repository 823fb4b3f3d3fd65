public import ArgumentParser
import Files
import Shards
import Tensors
import Training

/// `convoy data sample`: what training sees of an image.
struct DataSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draws the crop of a sample that training sees in an epoch, as PNG.")

  @Argument(help: "A folder of shards.")
  var path: String

  @Option(help: "The sample's index.")
  var index: Int

  @Option(help: "The epoch, counted from 0.")
  var epoch = 0

  @Option(help: "The run's seed.")
  var seed: UInt64 = 0

  @Option(help: "The augmentation, as augmentation.preset in a configuration.")
  var preset = Augmentation.Preset.none

  @Option(help: "Height and width of the network's input; no larger than images of raw shards.")
  var inputSize = 224

  @Option(help: "The PNG file to write.", completion: .file(extensions: ["png"]))
  var output = "sample.png"

  func run() throws {
    let set = try ShardSet(folder: path)
    guard set.count > index, index >= 0, epoch >= 0, inputSize > 0 else {
      throw TrainingError(.usage, "\(path) has samples 0 to \(set.count - 1); there is no sample \(index).")
    }
    var shape = Shape(channels: 3, height: inputSize, width: inputSize)
    if case .raw(let stored) = set.encoding {
      shape.height = min(shape.height, stored.height)
      shape.width = min(shape.width, stored.width)
    }
    let augmentation = Augmentation(preset)
    try augmentation.requireRoom(for: shape)
    let transform = ImageTransform(
      output: shape, augmentation: augmentation,
      normalization: Normalization(mean: set.mean.map(Float.init), deviation: set.std.map(Float.init)))
    let sample = try AugmentedSample(index, epoch: epoch, of: set, transform: transform, seed: seed)
    let png = try sample.image.pngBytes()
    do {
      try AtomicFile.write(png, to: output)
    } catch {
      throw TrainingError(.cannotCreate, "Could not write \(output): \(error.description)")
    }
    print("\(output): sample \(index) (\(sample.sampleID)) of class \(sample.label), \(set.classes[sample.label].name)")
  }
}

extension Augmentation.Preset: ExpressibleByArgument {}

extension Augmentation {
  /// Throws where images are resized to less than `input`.
  func requireRoom(for input: Shape) throws(TrainingError) {
    guard let side = framing.leastShorterSide, side < max(input.height, input.width) else { return }
    throw TrainingError(
      .usage,
      "This augmentation resizes the shorter side of images to \(side) pixels, too few for an input of "
        + "\(input.height) × \(input.width); make --input-size smaller.")
  }
}
