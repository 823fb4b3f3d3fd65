import Checkpoints
package import Configuration
import Networks
package import Shards
package import Tensors

/// How stored images become a network's input, as a configuration says.
package struct InputPipeline {
  package let training: ImageTransform
  package let evaluation: ImageTransform

  /// `set` gives mean and deviation where the configuration does not. Throws when images cannot become such an input.
  package init(_ configuration: RunConfiguration, input: Shape, set: ShardSet) throws(TrainingError) {
    guard input.channels == 1 || input.channels == 3 else {
      throw TrainingError(
        .configuration,
        "model.inputChannels is \(input.channels), but images have 1 channel (grey) or 3 (red, green, blue).")
    }
    if let resize = configuration.evaluation.resize, resize < max(input.height, input.width) {
      throw TrainingError(
        .configuration,
        "evaluation.resize is \(resize), but the network's input has \(input.width) × \(input.height) pixels; give at "
          + "least that, or null.")
    }
    let augmentation = Augmentation(configuration.augmentation)
    if let side = augmentation.framing.leastShorterSide, side < max(input.height, input.width) {
      throw TrainingError(
        .configuration,
        "augmentation.shorterSide is \(side), but the network's input has \(input.height) × \(input.width) pixels; "
          + "give at least that.")
    }
    let normalization = try Self.normalization(configuration.data, channels: input.channels, set)
    training = ImageTransform(output: input, augmentation: augmentation, normalization: normalization)
    evaluation = Self.evaluation(
      configuration, input: input, encoding: set.encoding, normalization: normalization)
  }

  /// What evaluation makes of images that are stored as `encoding`.
  static func evaluation(
    _ configuration: RunConfiguration, input: Shape, encoding: SampleEncoding, normalization: Normalization
  ) -> ImageTransform {
    let resize = configuration.evaluation.resize ?? standardResize(input, encoding)
    return ImageTransform(output: input, augmentation: .centre(resizedTo: resize), normalization: normalization)
  }

  /// What a checkpoint has to know to be used on images alone.
  func description(of set: ShardSet) -> CheckpointState.Inputs {
    CheckpointState.Inputs(
      classes: set.classes.map(\.name), mean: training.normalization.mean.map(Double.init),
      deviation: training.normalization.deviation.map(Double.init))
  }

  /// Images of the input's size are taken as they are; others get the field's margin: 256 for 224.
  private static func standardResize(_ input: Shape, _ encoding: SampleEncoding) -> Int? {
    if case .raw(let shape) = encoding, shape.height == input.height, shape.width == input.width { return nil }
    return input.height < 64 ? nil : input.height * 8 / 7
  }

  /// For inputs of `channels` channels: what `data` gives, and what it leaves open as `set` has it.
  package static func normalization(
    _ data: RunConfiguration.Data = RunConfiguration.Data(), channels: Int, _ set: ShardSet
  ) throws(TrainingError) -> Normalization {
    let mean = data.mean ?? matching(set.mean, channels: channels)
    let deviation = data.std ?? matching(set.std, channels: channels)
    guard mean.count == channels, deviation.count == channels else {
      throw TrainingError(
        .configuration,
        "data.mean and data.std have \(mean.count) channels, but the network's images have \(channels); give one "
          + "number per channel, or null for those of the shards.")
    }
    let normalization = (mean: mean.map(Float.init), deviation: deviation.map(Float.init))
    guard normalization.mean.allSatisfy(\.isFinite), normalization.deviation.allSatisfy({ $0.isFinite && $0 > 0 })
    else {
      throw TrainingError(
        .configuration,
        "data.mean or data.std is too large or too small for single precision; pixels lie in 0...1, so theirs do too.")
    }
    return Normalization(mean: normalization.mean, deviation: normalization.deviation)
  }

  /// A grey network sees luma (ITU-R BT.601).
  private static func matching(_ rgb: [Double], channels: Int) -> [Double] {
    channels == 1 && rgb.count == 3 ? [0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]] : rgb
  }
}

extension Augmentation {
  /// What a configuration asks for, its preset filled in.
  init(_ configuration: RunConfiguration.Augmentation) {
    let framing: Framing =
      if configuration.resolvedPad > 0 {
        .paddedCrop(padding: configuration.resolvedPad)
      } else if let area = configuration.resolvedCropArea {
        .randomResizedCrop(minimumArea: area.lowerBound)
      } else if let sides = configuration.resolvedShorterSide {
        .scaledCrop(shorterSide: sides, inCentreSquare: configuration.resolvedCenterSquare)
      } else {
        .centre(resizedTo: nil)
      }
    let colours = ColourVariation(
      brightness: configuration.resolvedBrightness, contrast: configuration.resolvedContrast,
      saturation: configuration.resolvedSaturation, lighting: configuration.resolvedLighting)
    self.init(framing, flips: configuration.resolvedFlip, colours: colours)
  }
}
