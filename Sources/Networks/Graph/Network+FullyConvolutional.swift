public import Tensors

extension Network {
  /// The network as it slides over images of `shape`: dense layers become convolutions, the first with its whole input
  /// for a kernel, the others of 1 × 1 (Sermanet et al. 2013, section 3.5; Simonyan and Zisserman 2014, section 3.2).
  ///
  /// Its output has a place for each place of the network on the image. Behind a pooling to a fixed size nothing
  /// slides: such a network sees the image as a whole. Parameters keep names, order, and their places in the arena of a
  /// plan of this network. Throws where a layer cannot slide or the image is too small.
  public func fullyConvolutional(over shape: Shape) throws(ShapeError) -> Network {
    guard shape.channels == input.shape.channels else {
      throw ShapeError("\(name) takes images of \(input.shape.channels) channels, not of \(shape.channels).")
    }
    var moved = nodes
    moved[0].type = TensorType(shape, input.layout)
    // Whether a node's size follows the image's.
    var follows = [true]
    for (id, node) in nodes.enumerated().dropFirst() {
      guard var layer = node.layer else { preconditionFailure("Only the images have no layer.") }
      let slides = node.inputs.contains { follows[$0] }
      do throws(ShapeError) {
        if slides { layer = try layer.sliding(over: inputTypes(of: node)) }
        moved[id].type.shape = try layer.output(of: node.inputs.map { moved[$0].type.shape })
      } catch {
        throw ShapeError("\(name) over images of \(shape): \(node.name): \(error.description)")
      }
      moved[id].layer = layer
      follows.append(slides && !layer.fixesSize)
    }
    return replacing(nodes: moved) { $0 }
  }
}
