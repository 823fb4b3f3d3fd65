import Networks
import Tensors

/// Turns a plan's offsets into the pointers of one executor.
struct Binding {
  let plan: Plan
  let arena: UnsafeMutablePointer<Float>
  let parameters: UnsafePointer<Float>
  let statistics: UnsafePointer<Float>

  func forward(_ step: PlannedStep) -> ForwardMemory {
    var memory = ForwardMemory(
      inputs: inputs(step), output: arena + step.output.lowerBound, parameters: parameters(step),
      statistics: statistics(step),
      // Set anew for every batch; in evaluation never touched.
      batchStatistics: step.statistics.map { _ in arena },
      saved: arena + step.saved.lowerBound, workspace: arena + step.forwardWorkspace.lowerBound,
      training: plan.mode == .training)
    memory.outputGap = step.outputGap
    return memory
  }

  func backward(_ step: PlannedStep) -> BackwardMemory {
    var memory = BackwardMemory(
      inputs: inputs(step), output: UnsafePointer(arena + step.output.lowerBound),
      outputGradient: arena + step.gradient.lowerBound,
      inputGradients: zip(step.inputs, step.accumulates).map { input, accumulate in
        guard input >= 0 else { return nil }
        let (gradient, gap) = (plan.steps[input].gradient, plan.steps[input].gradientGap)
        return InputGradient(floats: arena + gradient.lowerBound, gap: gap, accumulate: accumulate)
      },
      parameters: parameters(step),
      parameterGradients: step.parameters.map { _ in arena },  // Set anew for every batch.
      statistics: statistics(step), saved: arena + step.saved.lowerBound,
      workspace: arena + step.backwardWorkspace.lowerBound)
    memory.outputGap = step.outputGap
    memory.outputGradientGap = step.gradientGap
    return memory
  }

  /// The images' place is set anew for every batch.
  private func inputs(_ step: PlannedStep) -> [UnsafePointer<Float>] {
    step.inputs.map { UnsafePointer($0 < 0 ? arena : arena + plan.steps[$0].output.lowerBound) }
  }

  private func parameters(_ step: PlannedStep) -> [UnsafePointer<Float>] {
    step.parameters.map { parameters + plan.parameters[$0].range.lowerBound }
  }

  private func statistics(_ step: PlannedStep) -> [UnsafePointer<Float>] {
    step.statistics.map { statistics + plan.statistics[$0].range.lowerBound }
  }
}
