/// Which parts of which global batches a rank loads.
public struct BatchPlan: Sendable, Hashable {
  /// The number of samples of a step, over all ranks.
  public let globalBatch: Int
  /// The number of samples of a leaf; divides `globalBatch`.
  public let microbatch: Int
  /// The leaves of this rank: leaf l is positions [l·microbatch, (l + 1)·microbatch) of the global batch.
  public let leaves: Range<Int>
  /// The steps firstStep..<lastStep.
  public let firstStep: Int
  public let lastStep: Int

  public init(globalBatch: Int, microbatch: Int, leaves: Range<Int>, firstStep: Int, lastStep: Int) {
    precondition(microbatch > 0 && globalBatch > 0, "batches are not empty")
    precondition(globalBatch.isMultiple(of: microbatch), "microbatches do not divide the global batch")
    precondition(leaves.lowerBound >= 0 && leaves.upperBound <= globalBatch / microbatch, "there are no such leaves")
    precondition(!leaves.isEmpty, "a rank without leaves loads nothing")
    precondition(firstStep >= 0 && firstStep <= lastStep, "steps run forwards from 0")
    self.globalBatch = globalBatch
    self.microbatch = microbatch
    self.leaves = leaves
    self.firstStep = firstStep
    self.lastStep = lastStep
  }
}

/// The batches that a loader delivers, numbered from 0, and the samples in them.
enum BatchSequence: Sendable {
  /// Step by step, and in each step leaf by leaf.
  case training(BatchPlan, SampleOrder)
  /// Each sample of a range once, in order; the last batch may be smaller.
  case evaluation(Range<Int>, microbatch: Int)

  /// The largest number of samples of a batch.
  var microbatch: Int {
    switch self {
    case .training(let plan, _): plan.microbatch
    case .evaluation(_, let microbatch): microbatch
    }
  }

  /// The number of batches.
  var count: Int {
    switch self {
    case .training(let plan, _): (plan.lastStep - plan.firstStep) * plan.leaves.count
    case .evaluation(let samples, let microbatch): (samples.count + microbatch - 1) / microbatch
    }
  }

  func sampleCount(of batch: Int) -> Int {
    switch self {
    case .training(let plan, _): plan.microbatch
    case .evaluation(let samples, let microbatch): min(microbatch, samples.count - batch * microbatch)
    }
  }

  /// The step and leaf of a batch; an evaluation is one step.
  func place(of batch: Int) -> (step: Int, leaf: Int) {
    switch self {
    case .training(let plan, _):
      let (step, leaf) = batch.quotientAndRemainder(dividingBy: plan.leaves.count)
      return (plan.firstStep + step, plan.leaves.lowerBound + leaf)
    case .evaluation:
      return (0, batch)
    }
  }

  /// The sample at `offset` of a batch, and the epoch it is augmented for.
  func sample(at offset: Int, of batch: Int) -> (epoch: Int, index: Int) {
    switch self {
    case .training(let plan, let order):
      let (step, leaf) = place(of: batch)
      return order.sample(at: step * plan.globalBatch + leaf * plan.microbatch + offset)
    case .evaluation(let samples, let microbatch):
      return (0, samples.lowerBound + batch * microbatch + offset)
    }
  }
}
