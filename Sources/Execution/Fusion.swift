public import Networks

extension Network {
  /// The same network with fewer passes over memory: a rectifier goes into the layer before it, and so does the
  /// residual addition behind a batch norm. Parameters keep their names.
  public func fused() -> Network {
    var consumers = [[NodeID]](repeating: [], count: nodes.count)
    for (id, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input].append(id) }
    }
    var fused: [Node] = []
    var moved = [NodeID?](repeating: nil, count: nodes.count)  // Old place to new place.
    var absorbed = Set<NodeID>()  // Old nodes that their only consumer takes over.

    let outputs = Set([output] + auxiliaryOutputs.map(\.node))

    // A node may be taken over when nobody else reads it.
    func onlyReader(of id: NodeID) -> Bool { consumers[id].count == 1 && !outputs.contains(id) }

    for (id, node) in nodes.enumerated().reversed() where !absorbed.contains(id) {
      guard node.layer is ReLU, onlyReader(of: node.inputs[0]) else { continue }
      absorbed.insert(node.inputs[0])
      let before = nodes[node.inputs[0]]
      if before.layer is Add,
        let norm = before.inputs.first(where: { nodes[$0].layer is BatchNorm && onlyReader(of: $0) })
      {
        absorbed.insert(norm)
      } else if !(before.layer is any RectifiableLayer) {
        absorbed.remove(node.inputs[0])
      }
    }

    for (id, node) in nodes.enumerated() where !absorbed.contains(id) {
      moved[id] = fused.count
      var result = node
      if node.layer is ReLU, absorbed.contains(node.inputs[0]) {
        result = rectified(node.inputs[0], absorbed)
      }
      result.inputs = result.inputs.map { input in
        guard let place = moved[input] else { preconditionFailure("\(nodes[input].name) was fused away.") }
        return place
      }
      fused.append(result)
    }
    return replacing(nodes: fused) { id in
      guard let place = moved[id] else { preconditionFailure("An output was fused away.") }
      return place
    }
  }

  /// The absorbed node `id` with its rectifier; inputs are still old places.
  private func rectified(_ id: NodeID, _ absorbed: Set<NodeID>) -> Node {
    var node = nodes[id]
    if node.layer is Add, let norm = node.inputs.first(where: { absorbed.contains($0) && nodes[$0].layer is BatchNorm })
    {
      let residual = node.inputs.first { $0 != norm } ?? norm
      node = nodes[norm]
      node.inputs = [node.inputs[0], residual]
    }
    if var layer = node.layer as? any RectifiableLayer {
      layer.rectify = true
      node.layer = layer
    }
    return node
  }
}
