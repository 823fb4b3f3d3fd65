import Kernels
import Networks
import Tensors

extension TimedPass {
  /// The passes of a layer that is no convolution, as training runs them.
  static func passes(
    of layer: DistinctLayer, _ place: KernelPlaces.Place, images: Int, places: inout KernelPlaces
  ) -> [TimedPass] {
    let operation = layer.layer.operation(on: layer.inputs, images: images)
    let saved = places.save(operation.savedFloats)
    let hasInputGradient = layer.inputs.allSatisfy { $0.layout == .blocked }
    let tensors = NodeTensors(
      layer.layer, on: layer.inputs, output: layer.output, images: images,
      gradients: layer.inputs.map { _ in hasInputGradient ? .written : .absent }, training: true)
    return [
      TimedPass(
        layer: layer, kind: .forward, algorithm: nil, operations: operation.flops(of: .forward, on: tensors),
        bytes: operation.traffic(of: .forward, on: tensors).bytes,
        workspaceFloats: operation.forwardWorkspaceFloats, scratchFloats: operation.scratchFloats
      ) { memory, processor in
        operation.forward(memory.forward(place, saved: saved), on: processor)
      },
      TimedPass(
        layer: layer, kind: .backward, algorithm: nil, operations: operation.flops(of: .backward, on: tensors),
        bytes: operation.traffic(of: .backward, on: tensors).bytes,
        workspaceFloats: operation.backwardWorkspaceFloats, scratchFloats: operation.scratchFloats
      ) { memory, processor in
        operation.backward(
          memory.backward(place, saved: saved, givesInputGradients: hasInputGradient), on: processor)
      },
    ]
  }
}

extension KernelMemory {
  fileprivate func forward(_ place: KernelPlaces.Place, saved offset: Int) -> ForwardMemory {
    ForwardMemory(
      inputs: place.inputs.map { UnsafePointer(inputs.floats + $0) }, output: output.floats,
      parameters: place.parameters.map { UnsafePointer(parameters.floats + $0) },
      statistics: place.statistics.map { UnsafePointer(statistics.floats + $0) },
      batchStatistics: place.batchStatistics.map { statistics.floats + $0 }, saved: saved.floats + offset,
      workspace: workspace.floats, training: true)
  }

  fileprivate func backward(
    _ place: KernelPlaces.Place, saved offset: Int, givesInputGradients: Bool
  ) -> BackwardMemory {
    BackwardMemory(
      inputs: place.inputs.map { UnsafePointer(inputs.floats + $0) }, output: UnsafePointer(output.floats),
      outputGradient: spentGradient.floats,
      inputGradients: place.inputs.map { offset in
        givesInputGradients ? InputGradient(floats: inputGradients.floats + offset, accumulate: false) : nil
      },
      parameters: place.parameters.map { UnsafePointer(parameters.floats + $0) },
      parameterGradients: place.parameters.map { parameterGradients.floats + $0 },
      statistics: place.statistics.map { UnsafePointer(statistics.floats + $0) }, saved: saved.floats + offset,
      workspace: workspace.floats)
  }
}
