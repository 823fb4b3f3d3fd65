public import Configuration
import Tensors

/// The learning rate of every step: linear warm-up, then the named rule. Set anew per step; a pure function of the
/// step, and for plateau of the evaluations before it.
///
/// With W steps of warm-up and T in all: start + (rate − start)·(s + 1)/W for s < W. The rules behind it are those of
/// `RunConfiguration.Schedule.Name`; drops of `step` and `multistep` count epochs from the start of the run.
public struct LearningRateSchedule: Sendable {
  private let schedule: RunConfiguration.Schedule
  private let rate: Double
  private let length: RunLength
  /// Steps of warm-up.
  public let warmup: Int
  /// What evaluations have shown.
  public var plateau: Plateau

  public init(_ configuration: RunConfiguration, _ length: RunLength) {
    schedule = configuration.schedule
    rate = configuration.peakLearningRate
    plateau = Plateau(configuration.schedule)
    self.length = length
    warmup = min(schedule.warmupSteps ?? length.stepsCovering(epochs: schedule.warmupEpochs), length.steps)
  }

  /// The learning rate of step `step`, counted from 0.
  public func learningRate(at step: Int) -> Double {
    guard step >= warmup else {
      let start = schedule.warmupLearningRate
      return start + (rate - start) * Double(step + 1) / Double(warmup)
    }
    let end = schedule.endLearningRate
    // Epochs are compared with a little slack, so that a drop "at epoch 30" does not miss its step by a rounding.
    let epochs = length.epochs(after: step) + 1e-9
    switch schedule.name {
    case .constant: return rate
    case .step: return rate * Elementary.power(schedule.factor, (epochs / schedule.stepEpochs).rounded(.down))
    case .multistep:
      return rate * Elementary.power(schedule.factor, Double(schedule.milestonesEpochs.count { $0 <= epochs }))
    case .polynomial: return end + (rate - end) * Elementary.power(1 - progress(step), schedule.power)
    case .inverse: return rate * Elementary.power(1 + schedule.gamma * Double(step - warmup), -schedule.power)
    case .plateau: return max(end, rate * Elementary.power(schedule.factor, Double(plateau.drops)))
    case .cosine: return end + (rate - end) / 2 * (1 + Elementary.cosPi(progress(step)))
    }
  }

  /// From 0 at the end of warm-up to 1 at the end of the run.
  private func progress(_ step: Int) -> Double {
    min(1, Double(step - warmup) / Double(max(1, length.steps - warmup)))
  }
}
