public import Kernels
public import Networks
import Tensors
import Workers

/// Runs a plan: owns the activation arena, and lends every step its memory.
///
/// Weights and statistics are the caller's: they are shared between executors and ranks. After `init` no pass
/// allocates.
public final class Executor {
  public let plan: Plan
  public let processor: Processor
  private let activations: Arena
  private let operations: [any Operation]
  private var forwardMemory: [ForwardMemory]
  private var backwardMemory: [BackwardMemory]
  /// Steps that read the images, and as which input.
  private let imageReaders: [(step: Int, input: Int)]
  /// The network's own output first, then the auxiliary ones.
  public let heads: [Head]
  /// When set, it is told when each pass ends: a step begins with `forward`.
  public var profile: ExecutionProfile?
  /// Called behind every step of a forward pass with the step's place in the plan and what it wrote, which later steps
  /// may overwrite: images × the step's shape, blocked, with `gap` floats between images.
  package var observer: ((_ step: Int, _ output: UnsafePointer<Float>, _ gap: Int) -> Void)?

  /// - Parameters:
  ///   - network: The network that `plan` was made from.
  ///   - parameters: The parameter arena, `plan.parameterFloats` floats.
  ///   - statistics: The running statistics, `plan.statisticFloats` floats.
  public init(
    _ plan: Plan, _ network: Network, on processor: Processor, parameters: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>
  ) {
    self.plan = plan
    self.processor = processor
    processor.team.reserveScratch(floats: plan.scratchFloats)
    activations = Arena(count: plan.activationFloats)
    let nodes = network.nodes.dropFirst()
    operations = nodes.map { $0.operation(in: network, images: plan.images) }
    let binding = Binding(
      plan: plan, arena: activations.floats, parameters: parameters, statistics: statistics)
    forwardMemory = plan.steps.map(binding.forward)
    backwardMemory = plan.mode == .training ? plan.steps.map(binding.backward) : []
    imageReaders = plan.steps.enumerated().flatMap { step, planned in
      planned.inputs.enumerated().filter { $0.element < 0 }.map { (step: step, input: $0.offset) }
    }
    let arena = activations.floats
    heads = zip(network.outputSteps, [1] + network.auxiliaryOutputs.map(\.weight)).map { step, weight in
      Head(
        logits: UnsafePointer(arena + plan.steps[step].output.lowerBound),
        gradient: arena + plan.steps[step].gradient.lowerBound, weight: weight)
    }
  }

  /// One place where the network gives logits.
  public struct Head {
    /// images × classes, padded to whole vectors.
    public let logits: UnsafePointer<Float>
    /// Where their gradient must be before `backward`.
    public let gradient: UnsafeMutablePointer<Float>
    /// Of its loss.
    public let weight: Float
  }

  /// The main head's.
  public var logits: UnsafePointer<Float> { heads[0].logits }
  public var logitsGradient: UnsafeMutablePointer<Float> { heads[0].gradient }

  /// Computes the logits of `images`, which must stay until the backward pass is over.
  ///
  /// `random` is what dropout draws by. In training `batchStatistics` (as long as the statistics arena) receives this
  /// batch's own statistics; a network with batch norm needs it.
  public func forward(
    images: UnsafePointer<Float>, batchStatistics: UnsafeMutablePointer<Float>? = nil,
    random: RandomPosition = RandomPosition()
  ) {
    precondition(
      batchStatistics != nil || plan.mode == .evaluation || plan.statistics.isEmpty,
      "A training pass needs a place for the batch's statistics.")
    for reader in imageReaders {
      forwardMemory[reader.step].inputs[reader.input] = images
      if !backwardMemory.isEmpty { backwardMemory[reader.step].inputs[reader.input] = images }
    }
    profile?.begin()
    for step in operations.indices {
      if let batchStatistics { setBatchStatistics(of: step, batchStatistics) }
      forwardMemory[step].random = random
      if !backwardMemory.isEmpty { backwardMemory[step].random = random }
      operations[step].forward(forwardMemory[step], on: processor)
      profile?.end(plan.moment(of: .forward, step))
      observer?(step, forwardMemory[step].output, forwardMemory[step].outputGap)
    }
  }

  private func setBatchStatistics(of step: Int, _ arena: UnsafeMutablePointer<Float>) {
    for (place, statistic) in plan.steps[step].statistics.enumerated() {
      forwardMemory[step].batchStatistics[place] = arena + plan.statistics[statistic].range.lowerBound
    }
  }

  /// Computes the gradients of all parameters into `gradients` (as long as the parameter arena).
  ///
  /// After each step calls `completed` with the floats of the gradient arena that are not yet final: everything from
  /// there to the end is.
  public func backward(gradients: UnsafeMutablePointer<Float>, completed: (_ unfinished: Int) throws -> Void) rethrows {
    for step in operations.indices.reversed() {
      let parameters = plan.steps[step].parameters
      for (place, parameter) in parameters.enumerated() {
        backwardMemory[step].parameterGradients[place] = gradients + plan.parameters[parameter].range.lowerBound
      }
      operations[step].backward(backwardMemory[step], on: processor)
      profile?.end(plan.moment(of: .backward, step))
      if let first = parameters.first { try completed(plan.parameters[first].range.lowerBound) }
    }
  }

  /// Overwrites all activations, gradients and workspace, so that tests can see whether a pass relies on what was
  /// there.
  package func overwriteActivations(with value: Float) {
    activations.floats.update(repeating: value, count: plan.activationFloats)
  }

  /// The first step whose output holds a value that is not finite; nil when all are finite.
  ///
  /// Only outputs that are still in the arena can be told: run it with a plan for evaluation of the same weights, one
  /// step at a time.
  public func firstStepWithoutFiniteOutput(images: UnsafePointer<Float>) -> PlannedStep? {
    for reader in imageReaders { forwardMemory[reader.step].inputs[reader.input] = images }
    for (step, planned) in plan.steps.enumerated() {
      operations[step].forward(forwardMemory[step], on: processor)
      let floats = planned.shape.floats(in: .blocked)
      for image in 0..<plan.images {
        let output = forwardMemory[step].output + image * (floats + planned.outputGap)
        if UnsafeBufferPointer(start: output, count: floats).contains(where: { !$0.isFinite }) { return planned }
      }
    }
    return nil
  }
}
