public import Configuration

/// How long a run is and where its epochs lie, in steps.
///
/// Step s takes the samples [s·G, (s + 1)·G) of the endless row of epochs, so an epoch need not end with a step: "after
/// epoch e" is the first step by which all its samples were taken.
public struct RunLength: Sendable, Hashable {
  /// Samples of one epoch.
  public let samples: Int
  /// Samples of one step.
  public let globalBatch: Int
  /// Steps of the whole run.
  public let steps: Int

  public init(_ configuration: RunConfiguration, samples: Int) {
    let globalBatch = configuration.batch.global
    var steps = configuration.train.steps ?? 0
    if let epochs = configuration.train.epochs {
      steps = max(1, Self.stepsCovering(epochs: epochs, samples: samples, globalBatch: globalBatch))
    }
    self.init(samples: samples, globalBatch: globalBatch, steps: steps)
  }

  public init(samples: Int, globalBatch: Int, steps: Int) {
    self.samples = samples
    self.globalBatch = globalBatch
    self.steps = steps
  }

  /// Epochs behind the first `step` steps, with a fraction.
  public func epochs(after step: Int) -> Double { Double(step) * Double(globalBatch) / Double(samples) }

  /// The first number of steps that covers `epochs`.
  public func stepsCovering(epochs: Double) -> Int {
    Self.stepsCovering(epochs: epochs, samples: samples, globalBatch: globalBatch)
  }

  private static func stepsCovering(epochs: Double, samples: Int, globalBatch: Int) -> Int {
    Int((epochs * Double(samples) / Double(globalBatch)).rounded(.up))
  }

  /// Whether something that happens every `everyEpochs` epochs or `everySteps` steps happens when `step` steps are
  /// done.
  public func isDue(after step: Int, everyEpochs: Double?, everySteps: Int?) -> Bool {
    if let everySteps, step % everySteps == 0 { return true }
    guard let everyEpochs else { return false }
    func occurrences(_ step: Int) -> Int { Int((epochs(after: step) / everyEpochs + 1e-9).rounded(.down)) }
    return occurrences(step) > occurrences(step - 1)
  }
}
