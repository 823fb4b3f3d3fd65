extension RunConfiguration {
  /// The network and its size.
  public struct Model: Sendable, Equatable {
    /// The network, as `convoy models` lists it.
    ///
    /// Required.
    public var name = ""
    /// The number of classes that the last layer tells apart.
    ///
    /// Required.
    public var classes = 0
    /// Neurons of each hidden layer of the multi-layer perceptron; null for the network's own.
    public var widths: [Int]?
    /// Height and width of the network's input in pixels; null for the network's own.
    public var inputSize: Int?
    /// Channels of the network's input; null for the network's own.
    public var inputChannels: Int?

    public init() {}
  }
}

extension RunConfiguration.Model: Section {
  static let keys: [Key<Self>] = [
    .value("name", \.name, .legible),
    .value("classes", \.classes, .between(1, 1 << 24)),
    .value("widths", \.widths, .between(1, 1 << 24)),
    .value("inputSize", \.inputSize, .between(1, 1 << 14)),
    .value("inputChannels", \.inputChannels, .between(1, 1 << 14)),
  ]
}
