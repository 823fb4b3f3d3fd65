import Checkpoints
import Configuration
import Kernels
import Testing
import Training

@Suite("A plateau") struct PlateauTests {
  private func plateau(_ change: (inout RunConfiguration.Schedule) -> Void) -> Plateau {
    var schedule = RunConfiguration.Schedule()
    change(&schedule)
    return Plateau(schedule)
  }

  private func result(
    top1: Double = 0, top5: Double = 0, loss: Double = 0, distance: Double? = nil
  ) -> EvaluationResult {
    EvaluationResult(samples: 1, top1: top1, top5: top5, loss: loss, distance: distance)
  }

  /// Counts only what is not better than the best so far; an equal one is not, and a drop begins to count anew.
  @Test func drops() {
    var plateau = plateau { $0.plateauEvaluations = 2 }
    var drops: [Int] = []
    for top1 in [10.0, 20, 15, 18, 21, 21, .nan, 20.9, 22, 3, 4, 5, 6] {
      plateau.observe(result(top1: top1))
      drops.append(plateau.drops)
    }
    #expect(drops == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4])
    #expect(plateau.best == 22)
  }

  @Test func goesByTheMeasureThatIsAskedFor() {
    var byLoss = plateau {
      $0.plateauEvaluations = 1
      $0.plateauMeasure = .loss
    }
    for loss in [3.0, 2, 1] { byLoss.observe(result(top1: -loss, loss: loss)) }
    #expect(byLoss.drops == 0 && byLoss.best == -1)
    byLoss.observe(result(top1: 100, top5: 100, loss: 1.5))
    #expect(byLoss.drops == 1)
    var byTop5 = plateau {
      $0.plateauEvaluations = 1
      $0.plateauMeasure = .top5
    }
    for top5 in [10.0, 20] { byTop5.observe(result(top1: -top5, top5: top5)) }
    #expect(byTop5.drops == 0)
    var byDistance = plateau {
      $0.plateauEvaluations = 1
      $0.plateauMeasure = .distance
    }
    for distance in [3.0, 2] { byDistance.observe(result(loss: -distance, distance: distance)) }
    #expect(byDistance.drops == 0 && byDistance.best == -2)
    byDistance.observe(result(top1: 100, top5: 100, loss: -9, distance: 2.5))
    #expect(byDistance.drops == 1)
  }

  /// One fact in two modules.
  @Test(arguments: RunConfiguration.Loss.Name.allCases) func distancesAreForOrderedClasses(
    _ name: RunConfiguration.Loss.Name
  ) {
    var loss = RunConfiguration.Loss()
    loss.name = name
    #expect(LossFunction(loss).hasOrderedClasses == name.hasOrderedClasses)
  }

  /// The names in checkpoints and which of two is better, for pruning.
  @Test(arguments: RunConfiguration.Checkpoint.Measure.allCases) func agreesWithPruning(
    _ measure: RunConfiguration.Checkpoint.Measure
  ) throws {
    let better = result(top1: 2, top5: 2, loss: 1, distance: 1)
    let worse = result(top1: 1, top5: 1, loss: 2, distance: 2)
    let rule = BestRule(measure)
    #expect(rule.metric == measure.rawValue)
    let (good, bad) = (try #require(better[measure]), try #require(worse[measure]))
    #expect(rule.score(good) > rule.score(bad))
  }

  /// Each drop is a factor, down to the lowest rate; warm-up is not touched.
  @Test func lowersTheLearningRate() {
    var configuration = RunConfiguration()
    configuration.train.steps = 100
    configuration.optimizer.learningRate = 0.5
    configuration.schedule.name = .plateau
    configuration.schedule.factor = 0.1
    configuration.schedule.plateauEvaluations = 1
    configuration.schedule.endLearningRate = 0.001
    configuration.schedule.warmupSteps = 2
    var schedule = LearningRateSchedule(configuration, RunLength(configuration, samples: 100))
    var rates: [Double] = []
    for _ in 0..<5 {
      schedule.plateau.observe(result(top1: 1))
      rates.append(schedule.learningRate(at: 10))
    }
    #expect(zip(rates, [0.5, 0.05, 0.005, 0.001, 0.001]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rates)")
    #expect(schedule.learningRate(at: 0) == 0.25)
  }
}
