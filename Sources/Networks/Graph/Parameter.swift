import Tensors

/// One trainable parameter of a layer.
public struct ParameterSpec: Sendable {
  /// Within the layer, for example "weight".
  public var name: String
  public var role: Role
  public var mapping: TensorMapping
  public var initialization: Initialization

  /// What a parameter is, for rules such as "no decay on norm and bias".
  public enum Role: String, Sendable, Codable {
    case weight, bias, scale, shift
  }

  public init(_ name: String, _ role: Role, _ mapping: TensorMapping, _ initialization: Initialization) {
    self.name = name
    self.role = role
    self.mapping = mapping
    self.initialization = initialization
  }
}

/// One vector per channel that training measures, such as a running mean.
public struct StatisticSpec: Sendable {
  public var name: String
  public var channels: Int
  public var initialValue: Float
  /// The weight of a new measurement.
  public var momentum: Float

  public init(_ name: String, channels: Int, initialValue: Float, momentum: Float) {
    self.name = name
    self.channels = channels
    self.initialValue = initialValue
    self.momentum = momentum
  }
}

/// How a parameter begins.
public enum Initialization: Hashable, Sendable {
  case constant(Float)
  /// Normal with this standard deviation.
  case normal(deviation: Float)
  /// Uniform in ± bound.
  case uniform(bound: Float)
  /// The same with a bound for each index of the file's first axis.
  case uniformRows(bounds: [Float])

  /// He et al., "Delving deep into rectifiers", ICCV 2015, equation 10: N(0, 2/fanIn).
  public static func he(fanIn: Int) -> Initialization {
    .normal(deviation: (2 / Float(fanIn)).squareRoot())
  }

  /// What PyTorch's layers do by default: uniform in ± 1/√fanIn.
  public static func pyTorchDefault(fanIn: Int) -> Initialization {
    .uniform(bound: 1 / Float(fanIn).squareRoot())
  }

  /// Glorot and Bengio 2010 in Caffe's form ("xavier"): uniform in ± √(3/fanIn).
  public static func caffeXavier(fanIn: Int) -> Initialization {
    .uniform(bound: (3 / Float(fanIn)).squareRoot())
  }

  /// LeCun et al. 1998, appendix A: uniform in ± 2.4/fanIn.
  public static func leCun(fanIn: Int) -> Initialization { .uniform(bound: leCunBound(fanIn: fanIn)) }

  static func leCunBound(fanIn: Int) -> Float { 2.4 / Float(fanIn) }
}
