import Tensors

extension Network {
  /// VGG (Simonyan and Zisserman 2014, table 1): `stages` holds the kernels of the convolutions between poolings. Named
  /// as in torchvision.
  static func vgg(_ name: String, stages: [[Int]], _ options: ModelOptions) -> Network {
    var net = Network(name, input: options.input(3, 224))
    var x = 0
    var place = 0  // In torchvision's `features`, where rectifiers and poolings count too.
    for (stage, kernels) in stages.enumerated() {
      for kernel in kernels {
        x = net.relu(
          net.convolution(
            x, min(64 << stage, 512), kernel: kernel, padding: kernel / 2, bias: true, weights: .he, biases: .zero,
            name: "features.\(place)"))
        place += 2
      }
      x = net.maxPool(x, kernel: 2, stride: 2)
      place += 1
    }
    x = net.adaptiveAveragePool(x, 7)
    let weights = Initializer.normal(deviation: 0.01)
    x = net.relu(net.dense(x, 4096, weights: weights, biases: .zero, name: "classifier.0"))
    x = net.relu(
      net.dense(net.dropout(x, rate: 0.5, number: 0), 4096, weights: weights, biases: .zero, name: "classifier.3"))
    net.dense(
      net.dropout(x, rate: 0.5, number: 1), options.classes ?? 1000, weights: weights, biases: .zero,
      name: "classifier.6")
    return net
  }

  private static func vgg(_ name: String, _ counts: [Int], _ options: ModelOptions) -> Network {
    vgg(name, stages: counts.map { [Int](repeating: 3, count: $0) }, options)
  }

  /// Configuration A. 132,863,336 parameters for 1000 classes.
  public static func vgg11(_ options: ModelOptions) -> Network { vgg("vgg11", [1, 1, 2, 2, 2], options) }

  /// Configuration B. 133,047,848 parameters.
  public static func vgg13(_ options: ModelOptions) -> Network { vgg("vgg13", [2, 2, 2, 2, 2], options) }

  /// Configuration C, whose third convolution of a stage is 1×1. 133,638,952 parameters.
  public static func vgg16C(_ options: ModelOptions) -> Network {
    vgg("vgg16c", stages: [[3, 3], [3, 3], [3, 3, 1], [3, 3, 1], [3, 3, 1]], options)
  }

  /// Configuration D. 138,357,544 parameters.
  public static func vgg16(_ options: ModelOptions) -> Network { vgg("vgg16", [2, 2, 3, 3, 3], options) }

  /// Configuration E. 143,667,240 parameters.
  public static func vgg19(_ options: ModelOptions) -> Network { vgg("vgg19", [2, 2, 4, 4, 4], options) }
}
