/// A rule that gives a parameter's start from its fan-in and fan-out: the number of inputs that one output sees, and of
/// outputs that one input reaches.
public enum Initializer: Hashable, Sendable {
  case zero
  /// He et al. 2015, "Delving deep into rectifiers", equation 10.
  case he
  /// Glorot and Bengio 2010, equation 16.
  case glorot
  /// LeCun et al. 1998, appendix A: uniform in ± 2.4/fan-in.
  case leCun
  case pyTorchDefault
  case caffeXavier
  case normal(deviation: Float)
  case constant(Float)

  func callAsFunction(_ fan: Fan) -> Initialization {
    switch self {
    case .zero: .constant(0)
    case .he: .he(fanIn: fan.in)
    case .glorot: .glorot(fanIn: fan.in, fanOut: fan.out)
    case .leCun: .leCun(fanIn: fan.in)
    case .pyTorchDefault: .pyTorchDefault(fanIn: fan.in)
    case .caffeXavier: .caffeXavier(fanIn: fan.in)
    case .normal(let deviation): .normal(deviation: deviation)
    case .constant(let value): .constant(value)
    }
  }
}

/// The inputs that one output of a layer sees, and the outputs that one input reaches.
struct Fan {
  var `in`: Int
  var out: Int
}

/// A layer with weights and biases, whose start can be chosen.
public protocol WeightedLayer: Layer {
  var weightInitialization: Initializer { get set }
  var biasInitialization: Initializer { get set }
}

extension Network {
  /// The network with all weights, or all biases, beginning so; nil leaves the model's own.
  public func initializing(weights: Initializer?, biases: Initializer?) -> Network {
    let nodes = nodes.map { node in
      var node = node
      guard var layer = node.layer as? any WeightedLayer else { return node }
      if let weights { layer.weightInitialization = weights }
      if let biases { layer.biasInitialization = biases }
      node.layer = layer
      return node
    }
    return replacing(nodes: nodes) { $0 }
  }
}
