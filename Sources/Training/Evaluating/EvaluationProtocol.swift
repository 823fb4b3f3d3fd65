package import Configuration
package import Networks
package import Shards
import Tensors

/// How an evaluation shows images to a network, checked against network and images.
package enum EvaluationProtocol: Sendable, Hashable {
  /// One input of each image, by the transform.
  case single(ImageTransform)
  /// The crops of each image, by the transform; the mean of their softmax outputs.
  case crops(ImageTransform)
  /// Each image whole, with its mirror image, at one or several scales, the network sliding over it; the mean of the
  /// softmax of the class scores.
  case dense(WholeImageTransform, Sliding)

  /// What `configuration` asks for. Throws when `network` or the images of `set` cannot serve it.
  package init(
    _ configuration: RunConfiguration, _ network: Network, set: ShardSet, normalization: Normalization
  ) throws(TrainingError) {
    let settings = configuration.evaluation
    let input = network.input.shape
    let side = max(input.height, input.width)
    let scales = settings.scales ?? Self.standardScales(settings.protocol, side: side)
    let isGiven = settings.scales != nil || settings.resize != nil
    switch settings.protocol {
    case .center:
      guard settings.resize ?? side >= side else {
        throw TrainingError(
          .configuration,
          "evaluation.resize \(settings.resize ?? 0): the network's input has \(input.width) × \(input.height) pixels; "
            + "give at least \(side), or null.")
      }
      self = .single(
        InputPipeline.evaluation(configuration, input: input, encoding: set.encoding, normalization: normalization))
      return
    case .tenCrop:
      self = .crops(
        try Self.crops(.tenCrop(resizedTo: settings.resize ?? scales[0]), settings.protocol, input, normalization))
    case .multiCrop:
      self = .crops(try Self.crops(.multiCrop(scales: scales), settings.protocol, input, normalization))
    case .googlenet144:
      self = .crops(try Self.crops(.googLeNet(scales: scales), settings.protocol, input, normalization))
    case .dense, .overfeat:
      let sliding = settings.protocol == .overfeat ? Sliding.overfeat : .dense
      try Self.requireSliding(network, sliding, scales, settings.protocol)
      self = .dense(WholeImageTransform(scales: scales, normalization: normalization), sliding)
    }
    if !isGiven { try Self.requireSize(set, least: scales.min() ?? 0, settings.protocol, input) }
  }

  /// The papers' scales for inputs of 224 pixels, OverFeat's for 221, in proportion.
  private static func standardScales(_ procedure: RunConfiguration.Evaluation.Procedure, side: Int) -> [Int] {
    let (scales, input) =
      switch procedure {
      case .center, .tenCrop, .dense: ([256], 224)
      case .multiCrop: ([256, 384, 512], 224)
      case .googlenet144: ([256, 288, 320, 352], 224)
      case .overfeat: ([245, 281, 317, 389, 425, 461], 221)
      }
    return scales.map { side * $0 / input }
  }

  private static func crops(
    _ crops: CropProtocol, _ procedure: RunConfiguration.Evaluation.Procedure, _ input: Shape,
    _ normalization: Normalization
  ) throws(TrainingError) -> ImageTransform {
    let least = crops.scales.min() ?? 0
    guard least >= max(input.height, input.width) else {
      let key = procedure == .tenCrop ? "evaluation.resize" : "evaluation.scales"
      throw TrainingError(
        .configuration,
        "\(key) \(least): \(procedure.rawValue) cuts crops of \(input.width) × \(input.height) pixels, the network's "
          + "input, which are larger than images of that shorter side; give at least \(max(input.height, input.width))."
      )
    }
    return ImageTransform(output: input, crops: crops, normalization: normalization)
  }

  /// Whether the network can slide over images of each scale; longer ones it then can as well.
  private static func requireSliding(
    _ network: Network, _ sliding: Sliding, _ scales: [Int], _ procedure: RunConfiguration.Evaluation.Procedure
  ) throws(TrainingError) {
    let evaluated = network.forEvaluation()
    for scale in scales {
      do throws(ShapeError) {
        _ = try sliding.network(
          evaluated, over: Shape(channels: network.input.shape.channels, height: scale, width: scale))
      } catch {
        throw TrainingError(
          .configuration,
          "evaluation.protocol \(procedure.rawValue) at a scale of \(scale) is not possible: \(error.description) Give "
            + "other evaluation.scales, or another protocol.")
      }
    }
  }

  /// Images that are stored smaller than a protocol's own scales would only be blown up.
  private static func requireSize(
    _ set: ShardSet, least: Int, _ procedure: RunConfiguration.Evaluation.Procedure, _ input: Shape
  ) throws(TrainingError) {
    guard case .raw(let stored) = set.encoding, min(stored.height, stored.width) < least else { return }
    let key =
      procedure == .tenCrop ? "evaluation.resize (\(max(input.height, input.width)) or more)" : "evaluation.scales"
    throw TrainingError(
      .configuration,
      "evaluation.protocol \(procedure.rawValue) takes images of at least \(least) pixels for the network's input of "
        + "\(input.width) × \(input.height), but \(set.folder) has images of \(stored.width) × \(stored.height); build "
        + "larger shards, give \(key), or use center.")
  }
}
