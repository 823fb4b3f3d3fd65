import Checkpoints
public import Configuration

/// Counts evaluations that were not better than the best one, and drops of the learning rate.
///
/// All ranks see the same evaluations, so all of them count alike; what was counted is part of checkpoints.
public struct Plateau: Sendable, Hashable {
  /// The score of the best measure so far: the greater, the better.
  public internal(set) var best: Double?
  /// The evaluations since then, or since the last drop.
  public internal(set) var evaluations = 0
  public internal(set) var drops = 0
  private let patience: Int
  private let measure: RunConfiguration.Checkpoint.Measure

  public init(_ schedule: RunConfiguration.Schedule) {
    patience = schedule.plateauEvaluations
    measure = schedule.plateauMeasure
  }

  /// Takes in an evaluation: an equal one is no better, and neither is one that is no number.
  public mutating func observe(_ result: EvaluationResult) {
    let value = BestRule(measure).score(result[measure] ?? .nan)
    if value > best ?? -.infinity {
      best = value
      evaluations = 0
      return
    }
    evaluations += 1
    guard evaluations >= patience else { return }
    drops += 1
    evaluations = 0
  }
}
