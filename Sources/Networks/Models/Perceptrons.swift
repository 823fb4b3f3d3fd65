extension Network {
  /// The linear softmax classifier: one dense layer on the pixels.
  public static func linear(_ options: ModelOptions) -> Network {
    var net = Network("linear", input: options.input(3, 32))
    net.dense(0, options.classes ?? 10, weights: .zero, biases: .zero, name: "fc")
    return net
  }

  /// A multi-layer perceptron with rectifiers: by default 300 and 100 hidden units (LeCun et al. 1998, section
  /// III.C.5).
  public static func mlp(_ options: ModelOptions) -> Network {
    var net = Network("mlp", input: options.input(1, 28))
    var x = 0
    for (index, width) in (options.widths ?? [300, 100]).enumerated() {
      x = net.dense(x, width, weights: .he, biases: .zero, name: "fc\(index + 1)")
      x = net.relu(x)
    }
    net.dense(x, options.classes ?? 10, name: "fc\((options.widths?.count ?? 2) + 1)")
    return net
  }
}
