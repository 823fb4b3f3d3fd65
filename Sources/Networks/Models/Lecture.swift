import Tensors

/// Three ways to join a 200×200×3 image to 120,000 hidden units, to be looked at with `convoy plan`: they show what
/// locality and shared weights save. Their weights have no biases beside them.
extension Network {
  /// Every unit sees every pixel: 14.4 billion weights.
  public static func lectureDense(_ options: ModelOptions) -> Network {
    var net = Network("lecture-dense", input: options.input(3, 200))
    net.add(Dense(net.input.shape.count, bias: false), to: [0], name: "hidden")
    return net
  }

  /// Every unit sees a 3×3×3 window with weights of its own: 3.24 million.
  public static func lectureLocal(_ options: ModelOptions) -> Network {
    var net = Network("lecture-local", input: options.input(3, 200))
    net.add(
      LocallyConnected(net.input.shape.channels, kernel: Extent(3), padding: Extent(1), bias: false), to: [0],
      name: "hidden")
    return net
  }

  /// The units of a map share their weights: 27 for each of three maps.
  public static func lectureConv(_ options: ModelOptions) -> Network {
    var net = Network("lecture-conv", input: options.input(3, 200))
    net.convolution(0, net.input.shape.channels, kernel: 3, padding: 1, name: "hidden")
    return net
  }
}
