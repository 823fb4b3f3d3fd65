import Kernels
import Networks
import Tensors

extension TimedPass {
  /// The passes of a convolution as the network's layer computes them with `algorithm`, without bias and rectifier.
  static func passes(
    of layer: DistinctLayer, _ shape: ConvolutionShape, _ place: KernelPlaces.Place, algorithm: ConvolutionAlgorithm
  ) -> [TimedPass] {
    let kinds: [PassKind] =
      shape.layout == .blocked ? [.forward, .backwardData, .weightGradient] : [.forward, .weightGradient]
    return kinds.map { kind in
      algorithm.usesWinograd(shape)
        ? winograd(layer, shape, kind, weights: place.parameters[0])
        : direct(layer, shape, kind, weights: place.parameters[0])
    }
  }

  private init(
    _ layer: DistinctLayer, _ shape: ConvolutionShape, _ kind: PassKind, _ algorithm: ConvolutionAlgorithm,
    workspace: Int, scratch: Int, run: @escaping (KernelMemory, Processor) -> Void
  ) {
    self.layer = layer
    self.kind = kind
    self.algorithm = algorithm
    operations = 2 * shape.multiplyAdds
    bytes =
      4 * (shape.images * (layer.inputs[0].floats + layer.output.floats) + shape.weightFloats)
    workspaceFloats = workspace
    scratchFloats = scratch
    self.run = run
  }

  private static func direct(
    _ layer: DistinctLayer, _ shape: ConvolutionShape, _ kind: PassKind, weights: Int
  ) -> TimedPass {
    switch kind {
    case .backwardData:
      let pass = ConvolutionBackwardData(shape)
      return TimedPass(
        layer, shape, kind, .direct, workspace: pass.workspaceFloats, scratch: pass.scratchFloats
      ) { memory, processor in
        pass.run(
          on: processor, outputGradient: memory.outputGradient.floats, weights: memory.parameters.floats + weights,
          accumulate: false, sourceGradient: memory.inputGradients.floats, workspace: memory.workspace.floats)
      }
    case .weightGradient:
      let pass = ConvolutionWeightGradient(shape)
      return TimedPass(
        layer, shape, kind, .direct, workspace: pass.workspaceFloats, scratch: pass.scratchFloats
      ) { memory, processor in
        pass.run(
          on: processor, source: memory.inputs.floats, outputGradient: memory.outputGradient.floats,
          weightGradient: memory.parameterGradients.floats + weights, biasGradient: nil,
          workspace: memory.workspace.floats)
      }
    case .forward, .backward:
      let pass = ConvolutionForward(shape)
      return TimedPass(layer, shape, kind, .direct, workspace: 0, scratch: pass.scratchFloats) { memory, processor in
        pass.run(
          on: processor, source: memory.inputs.floats, weights: memory.parameters.floats + weights, bias: nil,
          rectify: false, output: memory.output.floats)
      }
    }
  }

  private static func winograd(
    _ layer: DistinctLayer, _ shape: ConvolutionShape, _ kind: PassKind, weights: Int
  ) -> TimedPass {
    let pass = Winograd(shape)
    let workspace = kind == .forward ? pass.forwardWorkspaceFloats : pass.backwardWorkspaceFloats
    return TimedPass(
      layer, shape, kind, .winograd, workspace: workspace, scratch: pass.scratchFloats
    ) { memory, processor in
      switch kind {
      case .backwardData:
        pass.backwardData(
          on: processor, outputGradient: memory.outputGradient.floats, weights: memory.parameters.floats + weights,
          accumulate: false, sourceGradient: memory.inputGradients.floats, workspace: memory.workspace.floats)
      case .weightGradient:
        pass.weightGradient(
          on: processor, source: memory.inputs.floats, outputGradient: memory.outputGradient.floats,
          weightGradient: memory.parameterGradients.floats + weights, workspace: memory.workspace.floats)
      case .forward, .backward:
        pass.forward(
          on: processor, source: memory.inputs.floats, weights: memory.parameters.floats + weights, bias: nil,
          rectify: false, training: true, output: memory.output.floats, workspace: memory.workspace.floats)
      }
    }
  }
}
