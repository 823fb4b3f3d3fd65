import Tensors

extension Network {
  /// A network that slides over images, with its last max pooling at every offset (Sermanet et al. 2013, section 3.3).
  ///
  /// A pooling of stride s can begin at s × s offsets, which gives s × s maps of the classes. Here they are one map,
  /// side by side as the offsets are: the pooling moves by 1, and what follows reads places s apart, so all maps are
  /// computed at once and nothing twice. Throws where there is no such pooling, or a layer behind it cannot do so.
  public func poolingAtEveryOffset() throws(ShapeError) -> Network {
    guard
      let last = nodes.lastIndex(where: { ($0.layer as? MaxPool).map { $0.windows.stride != Extent(1) } ?? false }),
      var pooling = nodes[last].layer as? MaxPool
    else { throw ShapeError("\(name) has no max pooling with a stride.") }
    let step = pooling.windows.stride
    pooling.windows.stride = Extent(1)
    var moved = nodes
    moved[last].layer = pooling
    // Whether a node's places are those of all offsets.
    var follows = nodes.indices.map { $0 == last }
    for id in last..<nodes.count {
      let node = nodes[id]
      let spreads = node.inputs.contains { follows[$0] }
      guard spreads || id == last, var layer = moved[id].layer else { continue }
      do throws(ShapeError) {
        if spreads { layer = try layer.spread(by: step) }
        moved[id].type.shape = try layer.output(of: node.inputs.map { moved[$0].type.shape })
      } catch {
        throw ShapeError("\(name) with \(nodes[last].name) at every offset: \(node.name): \(error.description)")
      }
      moved[id].layer = layer
      follows[id] = true
    }
    return replacing(nodes: moved) { $0 }
  }
}
