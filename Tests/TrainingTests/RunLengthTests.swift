import Configuration
import Testing
import Training

@Suite("The length of a run") struct RunLengthTests {
  @Test(arguments: [(1.0, 4), (2, 7), (0.5, 2), (0.001, 1), (3, 10), (1.5, 5)])
  func epochsAsSteps(_ epochs: Double, _ steps: Int) {
    var configuration = RunConfiguration()
    configuration.batch.global = 30
    configuration.train.epochs = epochs
    let length = RunLength(configuration, samples: 100)
    #expect(length.steps == steps)
    #expect(length.epochs(after: 10) == 3)
  }

  @Test func stepsAsTheyAre() {
    var configuration = RunConfiguration()
    configuration.train.steps = 17
    #expect(RunLength(configuration, samples: 3).steps == 17)
  }

  private func due(_ length: RunLength, epochs: Double?, steps: Int?) -> [Int] {
    (1...length.steps).filter { length.isDue(after: $0, everyEpochs: epochs, everySteps: steps) }
  }

  @Test func nothingIsDueUnasked() {
    #expect(due(RunLength(samples: 100, globalBatch: 10, steps: 50), epochs: nil, steps: nil) == [])
  }

  @Test func everySoManySteps() {
    #expect(due(RunLength(samples: 100, globalBatch: 10, steps: 20), epochs: nil, steps: 7) == [7, 14])
  }

  @Test func everySoManyEpochs() {
    let even = RunLength(samples: 100, globalBatch: 10, steps: 40)
    #expect(due(even, epochs: 1, steps: nil) == [10, 20, 30, 40])
    #expect(due(even, epochs: 2, steps: nil) == [20, 40])
    #expect(due(even, epochs: 0.5, steps: nil) == [5, 10, 15, 20, 25, 30, 35, 40])
    #expect(due(even, epochs: 1.5, steps: nil) == [15, 30])
  }

  /// An epoch that ends within a step is over behind that step: once, not twice and not never.
  @Test(arguments: [3, 7, 30, 64, 99, 101, 250]) func epochsThatEndWithinSteps(_ globalBatch: Int) {
    let length = RunLength(samples: 100, globalBatch: globalBatch, steps: 5000)
    let steps = due(length, epochs: 1, steps: nil)
    let epochs = steps.map { $0 * globalBatch / 100 }
    #expect(epochs == epochs.sorted() && Set(epochs).count == epochs.count)
    for (step, epoch) in zip(steps, epochs) { #expect((step - 1) * globalBatch < epoch * 100) }
    if globalBatch <= 100 { #expect(epochs == Array(1...5000 * globalBatch / 100)) }
  }

  @Test func both() {
    #expect(due(RunLength(samples: 100, globalBatch: 10, steps: 20), epochs: 1, steps: 4) == [4, 8, 10, 12, 16, 20])
  }
}
