public import Kernels
public import Networks
import Tensors

/// A plan read along time: all passes of a step in the order in which they run. For training forward, the loss,
/// backward and the optimizer's update; for evaluation forward alone.
public struct Schedule: Codable, Equatable, Sendable {
  public let network: String
  public let images: Int
  public let mode: Plan.Mode
  /// Each at the place that is its number.
  public let passes: [ScheduledPass]
  /// Of the arena that holds all activations, gradients of activations and workspace.
  public let activationFloats: Int

  /// A pure function of the plan, the loss, and what the optimizer moves.
  public init(
    _ plan: Plan, loss: LossFunction = .crossEntropy(smoothing: 0), optimizer: OptimizerPass = .momentum
  ) {
    network = plan.network
    images = plan.images
    mode = plan.mode
    activationFloats = plan.activationFloats
    var passes = plan.steps.enumerated().map { ScheduledPass(forward: $0, $1) }
    if plan.mode == .training {
      passes.append(ScheduledPass(lossOf: plan, loss))
      for (number, step) in plan.steps.enumerated().reversed() {
        guard let pass = step.backward else { preconditionFailure("\(step.name) has no backward pass.") }
        passes.append(ScheduledPass(backward: plan.moment(of: .backward, number), step, pass))
      }
      passes.append(ScheduledPass(optimizerOf: plan, optimizer))
    }
    self.passes = passes
  }

  /// Of the whole step.
  public var flops: Int { passes.reduce(0) { $0 + $1.flops } }
  public var traffic: Traffic { passes.reduce(into: Traffic()) { $0 += $1.traffic } }
}

/// What an optimizer's update moves.
public struct OptimizerPass: Sendable {
  public let operation: String
  /// Arenas as large as the parameters' that are read and written.
  public let reads, writes: Int

  public init(operation: String, reads: Int, writes: Int) {
    self.operation = operation
    self.reads = reads
    self.writes = writes
  }

  /// Of weights, gradients and velocities.
  public static let momentum = OptimizerPass(operation: "momentum step", reads: 3, writes: 2)
}

/// One pass of a schedule. Ranges are floats of the activation arena, and empty where the pass has no such tensor.
public struct ScheduledPass: Codable, Equatable, Sendable {
  public enum Phase: String, Codable, Sendable {
    case forward, loss, backward, optimizer
  }

  public let number: Int
  public let phase: Phase
  /// The layer's name; "loss" and "optimizer" for those.
  public let layer: String
  /// What is computed, with all that was fused into it.
  public let operation: String
  /// Empty where there is one way only.
  public let algorithm: String
  /// Two for each multiply-add of the direct computation.
  public let flops: Int
  public let traffic: Traffic
  /// Steps of the plan: those whose outputs forward reads, and whose gradients backward writes. −1 is the images, which
  /// have no gradient.
  public let inputs: [Int]
  /// For each input, whether backward adds to a gradient that is already begun.
  public let accumulates: [Bool]
  /// What forward writes.
  public let output: Range<Int>
  /// Floats between the end of an image of the output and the start of the next: those of the other branches of a
  /// concatenation.
  public let outputGap: Int
  /// What forward leaves for backward.
  public let saved: Range<Int>
  public let workspace: Range<Int>
  /// Of the output: what backward starts from, and the loss writes (of the main head).
  public let gradient: Range<Int>
  public let gradientGap: Int
}

extension ScheduledPass {
  fileprivate init(forward number: Int, _ step: PlannedStep) {
    self.init(
      number: number, phase: .forward, layer: step.name, operation: step.kind, algorithm: step.forward.algorithm,
      flops: step.forward.flops, traffic: step.forward.traffic, inputs: step.inputs,
      accumulates: step.inputs.map { _ in false }, output: step.output,
      outputGap: step.outputGap, saved: step.saved, workspace: step.forwardWorkspace, gradient: 0..<0, gradientGap: 0)
  }

  fileprivate init(backward number: Int, _ step: PlannedStep, _ pass: PlannedPass) {
    self.init(
      number: number, phase: .backward, layer: step.name, operation: step.kind, algorithm: pass.algorithm,
      flops: pass.flops, traffic: pass.traffic, inputs: step.inputs,
      accumulates: zip(step.inputs, step.accumulates).map { $0 >= 0 && $1 }, output: 0..<0, outputGap: 0,
      saved: step.saved, workspace: step.backwardWorkspace, gradient: step.gradient, gradientGap: step.gradientGap)
  }

  /// Of every head: logits to their gradients.
  fileprivate init(lossOf plan: Plan, _ loss: LossFunction) {
    var traffic = Traffic()
    for _ in plan.outputs {
      let logits = plan.images * paddedToVector(plan.classes)
      traffic.read(floats: logits + plan.images)  // And labels.
      traffic.write(floats: logits + 2 * plan.images)  // And losses and ranks.
    }
    self.init(
      number: plan.lossMoment, phase: .loss, layer: "loss", operation: loss.name, algorithm: "", flops: 0,
      traffic: traffic, inputs: plan.outputs, accumulates: plan.outputs.map { _ in false }, output: 0..<0,
      outputGap: 0, saved: 0..<0, workspace: 0..<0,
      gradient: plan.outputs.first.map { plan.steps[$0].gradient } ?? 0..<0, gradientGap: 0)
  }

  /// Weights and moments, updated in place from the gradients.
  fileprivate init(optimizerOf plan: Plan, _ optimizer: OptimizerPass) {
    var traffic = Traffic()
    traffic.read(floats: optimizer.reads * plan.parameterFloats)
    traffic.write(floats: optimizer.writes * plan.parameterFloats)
    self.init(
      number: plan.optimizerMoment, phase: .optimizer, layer: "optimizer", operation: optimizer.operation,
      algorithm: "", flops: 0, traffic: traffic, inputs: [], accumulates: [], output: 0..<0, outputGap: 0, saved: 0..<0,
      workspace: 0..<0, gradient: 0..<0, gradientGap: 0)
  }
}

extension Plan {
  /// The number of a pass in the schedule: the moment by which memory is planned.
  public func moment(of pass: Pass, _ step: Int) -> Int {
    switch pass {
    case .forward: step
    case .backward: 2 * steps.count - step
    }
  }

  public var lossMoment: Int { steps.count }
  public var optimizerMoment: Int { 2 * steps.count + 1 }
}
