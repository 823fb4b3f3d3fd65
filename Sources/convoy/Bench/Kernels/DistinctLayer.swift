import Kernels
import Networks
import Tensors

/// What one or more layers of a network have in common: all that their time depends on.
struct DistinctLayer {
  let layer: any Layer
  let inputs: [TensorType]
  let output: TensorType
  /// Of a convolution without groups; nil for all else.
  let convolution: ConvolutionShape?
  /// How many layers of the network are like it.
  private(set) var count = 1

  /// What tables call it.
  var kind: String {
    if convolution != nil { return "convolution" }
    return layer.kind + (layer is BatchNorm && inputs.count > 1 ? " + residual" : "")
  }

  /// The distinct layers of a network, in the order in which it first has them.
  static func all(of network: Network, images: Int) -> [DistinctLayer] {
    var found: [DistinctLayer] = []
    var places: [Key: Int] = [:]
    for node in network.nodes {
      guard let layer = node.layer else { continue }
      let distinct = DistinctLayer(layer, network.inputTypes(of: node), output: node.type, images: images)
      if let place = places[distinct.key] {
        found[place].count += 1
      } else {
        places[distinct.key] = found.count
        found.append(distinct)
      }
    }
    return found
  }

  private init(_ layer: any Layer, _ inputs: [TensorType], output: TensorType, images: Int) {
    self.layer = layer
    self.inputs = inputs
    self.output = output
    convolution = (layer as? Convolution).flatMap { convolution in
      guard convolution.groups == 1 else { return nil }
      return ConvolutionShape(
        images: images, source: inputs[0].shape, layout: inputs[0].layout, outputChannels: convolution.channels,
        kernel: convolution.kernel, stride: convolution.stride, padding: convolution.padding,
        dilation: convolution.dilation)
    }
  }

  /// Convolutions are alike when their shapes are, with or without bias and rectifier; other layers when they are
  /// called alike, and have the same inputs and output.
  private enum Key: Hashable {
    case convolution(ConvolutionShape)
    case other(kind: String, inputs: [TensorType], output: TensorType)
  }

  private var key: Key {
    convolution.map(Key.convolution) ?? .other(kind: layer.kind, inputs: inputs, output: output)
  }
}
