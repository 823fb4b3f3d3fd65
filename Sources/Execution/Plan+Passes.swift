import Networks

extension PlannedPass {
  /// A pass of a node's operation; `accumulates` and `joined` are the step's, for its inputs.
  init(
    _ pass: Pass, of operation: any Operation, _ node: Network.Node, _ network: Network, _ images: Int,
    _ mode: Plan.Mode, accumulates: [Bool], joined: [Bool]
  ) {
    guard let layer = node.layer else { preconditionFailure("The images have no passes.") }
    let tensors = NodeTensors(
      layer, on: network.inputTypes(of: node), output: node.type, images: images,
      gradients: zip(node.inputs, accumulates).map { input, accumulates in
        input == 0 ? .absent : accumulates ? .accumulated : .written
      }, joined: joined, training: mode == .training)
    algorithm = operation.algorithm(of: pass)
    flops = operation.flops(of: pass, on: tensors)
    traffic = operation.traffic(of: pass, on: tensors)
  }
}

extension Network.Node {
  /// The layer's kind with all that was fused into it.
  func kind(in network: Network) -> String {
    layer?.kind(of: network.inputTypes(of: self).map(\.shape)) ?? ""
  }
}
