import Kernels
import Tensors

/// A convolution in groups, by one of the ways to compute it.
struct GroupedConvolutionOperation<Passes: GroupedPasses>: Operation {
  let passes: Passes
  let rectify: Bool

  init(_ passes: Passes, rectify: Bool) {
    self.passes = passes
    self.rectify = rectify
  }

  var needs: BackwardNeeds { rectify ? [.inputs, .output] : .inputs }
  var forwardWorkspaceFloats: Int { passes.forwardWorkspaceFloats }
  var backwardWorkspaceFloats: Int { passes.backwardWorkspaceFloats }
  var scratchFloats: Int { passes.scratchFloats }

  func algorithm(of pass: Pass) -> String { passes.algorithm }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    passes.forward(
      on: processor, source: memory.inputs[0], weights: memory.parameters[0],
      bias: memory.parameters.count > 1 ? memory.parameters[1] : nil, rectify: rectify, training: memory.training,
      output: memory.output, workspace: memory.workspace)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    let shape = passes.groups.whole
    if rectify {
      processor.rectifyGradient(
        output: memory.output, outputGradient: memory.outputGradient, into: memory.outputGradient,
        count: shape.images * shape.output.floats(in: .blocked), accumulate: false)
    }
    passes.weightGradient(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient,
      weightGradient: memory.parameterGradients[0], workspace: memory.workspace)
    if memory.parameterGradients.count > 1 {
      processor.biasGradient(shape, outputGradient: memory.outputGradient, into: memory.parameterGradients[1])
    }
    guard let gradient = memory.inputGradients[0] else { return }
    passes.backwardData(
      on: processor, outputGradient: memory.outputGradient, weights: memory.parameters[0],
      accumulate: gradient.accumulate, sourceGradient: gradient.floats, workspace: memory.workspace)
  }
}
