import Tensors

extension Network {
  /// The linear classifier: one dense layer on the pixels of CIFAR's images.
  public static func linear(_ options: ModelOptions) -> Network { linear("linear", size: 32, classes: 10, options) }

  /// The linear classifier on ImageNet's images. 150,529,000 parameters for 1000 classes.
  public static func linearImageNet(_ options: ModelOptions) -> Network {
    linear("linear-imagenet", size: 224, classes: 1000, options)
  }

  private static func linear(_ name: String, size: Int, classes: Int, _ options: ModelOptions) -> Network {
    var net = Network(name, input: options.input(3, size))
    net.dense(0, options.classes ?? classes, weights: .zero, biases: .zero, name: "fc")
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

  /// ALVINN (Pomerleau 1989) as Mitchell's textbook and the later CMU texts have it: 30×32 pixels of the road, a few
  /// hidden units, 30 output units across the steering angles; all units sigmoids. 4,985 parameters with five hidden
  /// units.
  public static func alvinn(_ options: ModelOptions) -> Network {
    let shape = Shape(
      channels: options.inputChannels ?? 1, height: options.inputSize ?? 30, width: options.inputSize ?? 32)
    var net = Network("alvinn", input: shape)
    var x = 0
    for (index, width) in (options.widths ?? [5]).enumerated() {
      x = net.sigmoid(net.dense(x, width, weights: .glorot, biases: .zero, name: "fc\(index + 1)"))
    }
    x = net.dense(
      x, options.classes ?? 30, weights: .glorot, biases: .zero, name: "fc\((options.widths?.count ?? 1) + 1)")
    _ = net.sigmoid(x)
    return net
  }
}
