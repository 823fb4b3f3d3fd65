import Execution
import Kernels
import Networks
import Tensors
import Training

/// A network ready to be stepped again and again on random images that stay in memory.
///
/// A training step is forward, loss, backward and the optimizer's update; an evaluation step is forward with running
/// statistics, of the network without what only training needs.
final class StepTimer {
  /// Steps that are not counted.
  static let warmUp = 2

  let plan: Plan
  /// When set, it sees the counted steps.
  var profile: ExecutionProfile?
  /// From the start of the process to the end of the first step; nil before that, or where the system does not tell.
  private(set) var secondsToFirstStep: Double?
  private let executor: Executor
  /// Nil in evaluation.
  private let pass: LeafPass?
  private let images: Arena
  private let weights: Arena
  private let statistics: Arena
  private let gradients: Arena
  private let velocity: Arena
  private let labels: [Int32]
  private let update = MomentumStep(learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, nesterov: false)

  init(_ network: Network, images count: Int, mode: Plan.Mode, on processor: Processor) {
    let isTraining = mode == .training
    let network = isTraining ? network.fused() : network.fused().forEvaluation()
    plan = Plan(network, images: count, mode: mode)
    weights = Arena(count: plan.parameterFloats)
    statistics = Arena(count: plan.statisticFloats)
    gradients = Arena(count: isTraining ? plan.parameterFloats + plan.measureFloats : 0)
    velocity = Arena(count: isTraining ? plan.parameterFloats : 0)
    ParameterStore(plan, network).initialize(
      parameters: weights.floats, statistics: statistics.floats, seed: 0, on: processor)
    executor = Executor(plan, network, on: processor, parameters: weights.floats, statistics: statistics.floats)
    pass = isTraining ? LeafPass(executor) : nil
    let floats = count * network.input.floats
    images = Arena(count: floats)
    processor.fillNormal(images.floats, count: floats, deviation: 1, seed: 1, purpose: .test, stream: 0)
    let classes = plan.classes
    labels = (0..<count).map { Int32($0 * 7 % classes) }
  }

  /// Seconds of each counted step. Throws when training diverges: its time would be that of half a step.
  func time(steps: Int) throws(TrainingError) -> [Double] {
    var seconds: [Double] = []
    seconds.reserveCapacity(steps)
    for step in 0..<steps + Self.warmUp {
      if step == Self.warmUp { executor.profile = profile }
      let start = ContinuousClock.now
      let isFinite = run()
      let end = ContinuousClock.now
      guard isFinite else {
        throw TrainingError(
          .notFinite,
          "The loss of \(plan.network) is not finite in step \(step + 1) on random images; try another --batch.")
      }
      if step == 0 { secondsToFirstStep = ProcessAge.seconds }
      if step >= Self.warmUp { seconds.append((end - start).seconds) }
    }
    return seconds
  }

  /// One step; false when the loss is not finite, and the step was not completed.
  private func run() -> Bool {
    guard let pass else {
      executor.forward(images: images.floats)
      return true
    }
    let isFinite = labels.withUnsafeBufferPointer { labels in
      guard let labels = labels.baseAddress else { return false }
      return pass.run(images: images.floats, labels: labels, globalBatch: plan.images, into: gradients.floats) { _ in }
    }
    guard isFinite else { return false }
    update.run(
      on: executor.processor, weights: weights.floats, gradient: gradients.floats, velocity: velocity.floats,
      count: plan.parameterFloats)
    executor.profile?.end(plan.optimizerMoment)
    return true
  }
}
