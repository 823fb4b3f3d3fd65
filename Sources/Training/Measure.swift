public import Checkpoints
public import Configuration

extension BestRule {
  /// The best by `measure`, under the name that checkpoints have for it.
  public init(_ measure: RunConfiguration.Checkpoint.Measure) {
    switch measure {
    case .top1, .top5: self.init(metric: measure.rawValue, .highest)
    case .loss, .distance: self.init(metric: measure.rawValue, .lowest)
    }
  }
}

extension EvaluationResult {
  /// Nil for a distance where classes are no places on a line.
  public subscript(_ measure: RunConfiguration.Checkpoint.Measure) -> Double? {
    switch measure {
    case .top1: top1
    case .top5: top5
    case .loss: loss
    case .distance: distance
    }
  }

  /// As checkpoints record it.
  var metrics: [String: Double] {
    var metrics: [String: Double] = [:]
    for measure in RunConfiguration.Checkpoint.Measure.allCases { metrics[measure.rawValue] = self[measure] }
    return metrics
  }
}
