import Configuration
import Execution
import Kernels
package import Tensors

/// Averages of weights and running statistics over the steps.
///
/// Weights are averaged by the ranks that own them; statistics by every rank alike. Whole on rank 0 when gathered.
public final class WeightAverage {
  /// Laid out as the weights.
  package let weights: Arena
  /// Laid out as the running statistics.
  package let statistics: Arena
  private let settings: RunConfiguration.Average

  /// Nil where the configuration wants none.
  init?(_ settings: RunConfiguration.Average, _ plan: Plan) {
    guard settings.name != nil else { return nil }
    self.settings = settings
    weights = Arena(count: plan.parameterFloats)
    statistics = Arena(count: plan.statisticFloats)
  }

  /// Begins with these weights and statistics, before the first step.
  package func begin(_ weights: UnsafePointer<Float>, _ statistics: UnsafePointer<Float>) {
    self.weights.floats.update(from: weights, count: self.weights.count)
    self.statistics.floats.update(from: statistics, count: self.statistics.count)
  }

  /// By how much the averages move towards what the weights are behind `step` steps; 1 is all the way.
  private func share(behind step: Int) -> Double {
    guard step > settings.fromStep else { return 1 }
    return settings.name == .polyak ? 1 / Double(step - settings.fromStep) : 1 - settings.resolvedDecay
  }

  /// Takes in the weights of a range behind `step` steps.
  func take(
    _ range: Range<Int>, of source: UnsafePointer<Float>, behind step: Int, on processor: Processor
  ) {
    let (source, target) = (source + range.lowerBound, weights.floats + range.lowerBound)
    let share = share(behind: step)
    if share == 1 {
      processor.copy(source, into: target, count: range.count, accumulate: false)
    } else {
      processor.move(target, by: Float(share), towards: source, count: range.count)
    }
  }

  /// Takes in the running statistics behind `step` steps.
  package func takeStatistics(_ source: UnsafePointer<Float>, behind step: Int) {
    let share = Float(share(behind: step))
    for i in 0..<statistics.count {
      let old = statistics.floats[i]
      statistics.floats[i] = share == 1 ? source[i] : old + share * (source[i] - old)
    }
  }

  /// Puts the averaged statistics in the place of others, and those in theirs.
  func swapStatistics(with others: UnsafeMutablePointer<Float>) {
    for i in 0..<statistics.count { swap(&others[i], &statistics.floats[i]) }
  }
}
