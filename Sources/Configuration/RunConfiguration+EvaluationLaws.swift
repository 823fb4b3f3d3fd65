extension RunConfiguration {
  /// What must hold between the keys of an evaluation.
  static let evaluationLaws: [Law] = [
    Law(paths: ["evaluation.protocol", "loss.name"]) {
      $0.evaluation.protocol != .center && $0.loss.name != .crossEntropy
        ? "evaluation.protocol \($0.evaluation.protocol.rawValue) averages softmax outputs, those of crossEntropy; "
          + "use center for \($0.loss.name.rawValue)" : nil
    },
    Law(paths: ["evaluation.protocol", "evaluation.resize"]) {
      $0.evaluation.resize != nil && $0.evaluation.protocol.hasScales
        ? "evaluation.resize is for center and tenCrop; give evaluation.scales for \($0.evaluation.protocol.rawValue)"
        : nil
    },
    Law(paths: ["evaluation.protocol", "evaluation.scales"]) {
      guard let scales = $0.evaluation.scales else { return nil }
      let name = $0.evaluation.protocol.rawValue
      guard $0.evaluation.protocol.hasScales else {
        return
          "evaluation.scales is for multiCrop, googlenet144, dense and overfeat; give evaluation.resize for \(name)"
      }
      if scales.isEmpty { return "evaluation.scales must have at least one scale, or be null" }
      if scales.count > 16 { return "evaluation.scales has \(scales.count) scales; 16 are the limit" }
      return $0.evaluation.protocol == .googlenet144 && scales.count != 4
        ? "evaluation.scales has \(scales.count) scales; the 144 crops of googlenet144 need 4" : nil
    },
  ]
}

extension RunConfiguration.Evaluation.Procedure {
  /// Whether `scales` is for it, and not `resize`.
  fileprivate var hasScales: Bool { self != .center && self != .tenCrop }
}
