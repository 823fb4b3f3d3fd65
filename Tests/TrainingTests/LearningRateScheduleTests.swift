import Configuration
import Testing
import Training

@Suite("Learning rates") struct LearningRateScheduleTests {
  /// 100 samples in steps of 10: ten steps per epoch, 40 in all; rate 1.
  private func schedule(
    _ name: RunConfiguration.Schedule.Name, _ change: (inout RunConfiguration) -> Void = { _ in }
  ) -> LearningRateSchedule {
    var configuration = RunConfiguration()
    configuration.batch.global = 10
    configuration.optimizer.learningRate = 1
    configuration.schedule.name = name
    configuration.train.epochs = 4
    change(&configuration)
    return LearningRateSchedule(configuration, RunLength(configuration, samples: 100))
  }

  private func expect(
    _ schedule: LearningRateSchedule, _ rates: [Int: Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (step, rate) in rates {
      let actual = schedule.learningRate(at: step)
      #expect(abs(actual - rate) <= 1e-12 * max(1, rate), "step \(step): \(actual)", sourceLocation: sourceLocation)
    }
  }

  @Test func constant() { expect(schedule(.constant), [0: 1, 17: 1, 39: 1]) }

  /// Caffe's `inv`, and behind a warm-up, which Caffe does not know.
  @Test func inverse() {
    let inverse = schedule(.inverse) {
      $0.schedule.gamma = 0.3
      $0.schedule.power = 0.5
    }
    expect(inverse, [0: 1, 1: 1 / 1.3.squareRoot(), 10: 0.5, 39: 1 / 12.7.squareRoot()])
    let warm = schedule(.inverse) {
      $0.schedule.gamma = 0.3
      $0.schedule.power = 0.5
      $0.schedule.warmupSteps = 4
    }
    expect(warm, [0: 0.25, 3: 1, 4: 1, 14: 0.5])
  }

  /// 4 % down every 8 epochs, as in Szegedy et al. 2014, section 6.
  @Test func googLeNets() {
    let steady = schedule(.step) {
      $0.schedule.stepEpochs = 8
      $0.schedule.factor = 0.96
      $0.train.epochs = 60
    }
    expect(
      steady, [0: 1, 79: 1, 80: 0.96, 159: 0.96, 160: 0.96 * 0.96, 599: 0.96 * 0.96 * 0.96 * 0.96 * 0.96 * 0.96 * 0.96])
  }

  /// Goyal et al. 2017, section 2: k times the batch, k times the rate, from that of the small one on.
  @Test func scalesWithTheBatch() {
    let scaled = schedule(.constant) {
      $0.optimizer.learningRate = 0.1
      $0.optimizer.scaleBatch = 2
      $0.schedule.warmupSteps = 4
      $0.schedule.warmupLearningRate = 0.1
    }
    expect(scaled, [0: 0.2, 1: 0.3, 2: 0.4, 3: 0.5, 4: 0.5, 39: 0.5])
    let down = schedule(.cosine) { $0.optimizer.scaleBatch = 40 }
    expect(down, [0: 0.25, 20: 0.125])
  }

  /// Drops fall on the first step of an epoch, not one beside it.
  @Test func step() {
    let halves = schedule(.step) {
      $0.schedule.stepEpochs = 1
      $0.schedule.factor = 0.5
    }
    expect(halves, [0: 1, 9: 1, 10: 0.5, 19: 0.5, 20: 0.25, 29: 0.25, 30: 0.125, 39: 0.125])
    let uneven = schedule(.step) { $0.schedule.stepEpochs = 1.5 }
    expect(uneven, [14: 1, 15: 0.1, 29: 0.1, 30: 0.01])
  }

  @Test func multistep() {
    let drops = schedule(.multistep) { $0.schedule.milestonesEpochs = [1, 2.5] }
    expect(drops, [0: 1, 9: 1, 10: 0.1, 24: 0.1, 25: 0.01, 39: 0.01])
  }

  @Test func polynomial() {
    expect(schedule(.polynomial), [0: 1, 10: 0.75, 20: 0.5, 39: 0.025])
    let square = schedule(.polynomial) {
      $0.schedule.power = 2
      $0.schedule.endLearningRate = 0.2
    }
    expect(square, [0: 1, 10: 0.2 + 0.8 * 0.5625, 20: 0.4, 30: 0.25])
  }

  @Test func cosine() {
    let root = 0.5.squareRoot()
    expect(schedule(.cosine), [0: 1, 10: (1 + root) / 2, 20: 0.5, 30: (1 - root) / 2])
    let floor = schedule(.cosine) { $0.schedule.endLearningRate = 0.2 }
    expect(floor, [0: 1, 20: 0.6, 30: 0.2 + 0.4 * (1 - root)])
  }

  /// It rises per step to the full rate; the rule behind it covers the steps that are left.
  @Test(arguments: RunConfiguration.Schedule.Name.allCases) func warmsUp(_ name: RunConfiguration.Schedule.Name) {
    let bySteps = schedule(name) {
      $0.schedule.warmupSteps = 4
      $0.schedule.milestonesEpochs = [3]
    }
    #expect(bySteps.warmup == 4)
    expect(bySteps, [0: 0.25, 1: 0.5, 2: 0.75, 3: 1, 4: 1])
    let byEpochs = schedule(name) {
      $0.schedule.warmupEpochs = 0.4
      $0.schedule.milestonesEpochs = [3]
    }
    for step in 0..<40 { #expect(byEpochs.learningRate(at: step) == bySteps.learningRate(at: step)) }
  }

  @Test func warmUpIsCountedOff() {
    let cosine = schedule(.cosine) { $0.schedule.warmupEpochs = 2 }
    expect(cosine, [9: 0.5, 19: 1, 20: 1, 30: 0.5])
    let polynomial = schedule(.polynomial) { $0.schedule.warmupEpochs = 2 }
    expect(polynomial, [20: 1, 25: 0.75, 35: 0.25])
    // Drops keep counting from the start of the run.
    let drops = schedule(.multistep) {
      $0.schedule.warmupEpochs = 2
      $0.schedule.milestonesEpochs = [3]
    }
    expect(drops, [19: 1, 29: 1, 30: 0.1])
  }

  @Test func warmUpThatFillsTheRun() {
    let whole = schedule(.cosine) { $0.schedule.warmupEpochs = 4 }
    expect(whole, [0: 0.025, 39: 1])
  }
}
