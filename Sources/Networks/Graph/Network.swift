public import Tensors

/// A network as a value: layers joined to a graph without cycles. It owns no memory.
///
/// Models are functions that build one, readable beside the paper's table. A wrong shape is remembered and thrown by
/// `validated()`, so that builders stay free of `try`.
public struct Network: Sendable {
  public let name: String
  /// In an order in which every node follows its inputs. Node 0 is the images.
  public private(set) var nodes: [Node]
  /// The node that holds the logits.
  public var output: NodeID
  /// Further logits that are trained too, but not used in evaluation (Szegedy et al. 2014, section 5).
  public var auxiliaryOutputs: [AuxiliaryOutput] = []
  private var scopes: [String] = []
  private var firstError: ShapeError?

  /// A node's place in `nodes`.
  public typealias NodeID = Int

  public struct AuxiliaryOutput: Sendable, Hashable {
    public var node: NodeID
    /// Of its loss.
    public var weight: Float
  }

  public struct Node: Sendable {
    /// Its path, for example "layer1.0.conv1": parameters are called "layer1.0.conv1.weight".
    public var name: String
    /// Nil for the images.
    public var layer: (any Layer)?
    public var inputs: [NodeID]
    public var type: TensorType
  }

  /// A network that takes images of `shape`.
  public init(_ name: String, input shape: Shape) {
    self.name = name
    nodes = [Node(name: "input", layer: nil, inputs: [], type: TensorType(shape, .interleaved))]
    output = 0
  }

  public var input: TensorType { nodes[0].type }

  /// The shape of what a node computes.
  public func shape(of node: NodeID) -> Shape { nodes[node].type.shape }

  /// Adds a layer; the new node becomes the output. `name` extends the scopes around it.
  @discardableResult
  public mutating func add(_ layer: any Layer, to inputs: [NodeID], name: String) -> NodeID {
    let path = (scopes + [name]).filter { !$0.isEmpty }.joined(separator: ".")
    var shape = nodes[inputs[0]].type.shape
    do throws(ShapeError) {
      if inputs.contains(0), !layer.readsImages {
        throw ShapeError("\(layer.kind) cannot read the images themselves; begin with a convolution or a dense layer.")
      }
      shape = try layer.output(of: inputs.map { nodes[$0].type.shape })
    } catch {
      if firstError == nil { firstError = ShapeError("\(name.isEmpty ? layer.kind : path): \(error.description)") }
    }
    nodes.append(Node(name: path, layer: layer, inputs: inputs, type: TensorType(shape)))
    output = nodes.count - 1
    return output
  }

  /// Adds layers whose names begin with `name`.
  public mutating func scope<Result>(_ name: String, _ build: (inout Network) -> Result) -> Result {
    scopes.append(name)
    defer { scopes.removeLast() }
    return build(&self)
  }

  /// The network itself, or why its shapes do not fit.
  public func validated() throws(ShapeError) -> Network {
    if let firstError { throw ShapeError("\(self.name) for \(input.shape) images: \(firstError.description)") }
    return self
  }

  /// The network itself, or which layer's values for so many images are more than kernels can count.
  public func validated(images: Int) throws(ShapeError) -> Network {
    for node in nodes where node.type.floats > 16 * Int(Int32.max) / images {
      throw ShapeError(
        "\(name) on batches of \(images): \(node.name) of \(node.type.shape) would have more than 128 GiB; "
          + "take smaller batches or images.")
    }
    return self
  }

  /// A node's input types.
  public func inputTypes(of node: Node) -> [TensorType] { node.inputs.map { nodes[$0].type } }

  /// A network of other nodes under the same name, for rewriting passes. `moved` gives the new places of old nodes.
  public func replacing(nodes: [Node], moved: (NodeID) -> NodeID) -> Network {
    var network = self
    network.nodes = nodes
    network.output = moved(output)
    network.auxiliaryOutputs = auxiliaryOutputs.map { AuxiliaryOutput(node: moved($0.node), weight: $0.weight) }
    return network
  }

  /// The network with all convolutions computed so.
  public func computing(with algorithm: ConvolutionAlgorithm) -> Network {
    var network = self
    for id in nodes.indices {
      guard var convolution = nodes[id].layer as? Convolution else { continue }
      convolution.algorithm = algorithm
      network.nodes[id].layer = convolution
    }
    return network
  }

  /// The network as it is evaluated: without auxiliary outputs and what only they need, and without dropout.
  public func forEvaluation() -> Network {
    var needed = Set([0, output])
    for id in nodes.indices.reversed() where needed.contains(id) { needed.formUnion(nodes[id].inputs) }
    var kept: [Node] = []
    var places: [NodeID: NodeID] = [:]
    for (id, node) in nodes.enumerated() where needed.contains(id) {
      let inputs = node.inputs.compactMap { places[$0] }
      if node.layer is Dropout {
        places[id] = inputs[0]
      } else {
        places[id] = kept.count
        kept.append(Node(name: node.name, layer: node.layer, inputs: inputs, type: node.type))
      }
    }
    var main = self
    main.auxiliaryOutputs = []
    return main.replacing(nodes: kept) { places[$0] ?? 0 }
  }

  /// The number of values that layers fix and do not train.
  public var fixedCount: Int { nodes.reduce(0) { $0 + ($1.layer?.fixedValues ?? 0) } }

  /// The number of trainable values.
  public var parameterCount: Int {
    nodes.reduce(0) { sum, node in
      sum + (node.layer?.parameters(of: inputTypes(of: node)).reduce(0) { $0 + $1.mapping.count } ?? 0)
    }
  }

  /// Multiply-adds of the forward pass of one image.
  public var multiplyAdds: Int {
    nodes.reduce(0) { $0 + ($1.layer?.multiplyAdds(of: inputTypes(of: $1).map(\.shape)) ?? 0) }
  }
}
