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
  private var scopes: [String] = []
  private var firstError: ShapeError?

  /// A node's place in `nodes`.
  public typealias NodeID = Int

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

  /// A node's input types.
  public func inputTypes(of node: Node) -> [TensorType] { node.inputs.map { nodes[$0].type } }

  /// A network of other nodes under the same name, for rewriting passes.
  public func replacing(nodes: [Node], output: NodeID) -> Network {
    var network = self
    network.nodes = nodes
    network.output = output
    return network
  }

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
