import Tensors

extension Network {
  /// VGG (Simonyan and Zisserman 2014, table 1): `stages` holds the number of 3×3 convolutions between poolings. Named
  /// as in torchvision.
  public static func vgg(_ name: String, stages: [Int], _ options: ModelOptions) -> Network {
    var net = Network(name, input: options.input(3, 224))
    var x = 0
    var place = 0  // In torchvision's `features`, where rectifiers and poolings count too.
    for (stage, count) in stages.enumerated() {
      for _ in 0..<count {
        x = net.relu(
          net.convolution(
            x, min(64 << stage, 512), kernel: 3, padding: 1, bias: true, weights: .he, biases: .zero,
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

  /// Configuration D of the paper. 138,357,544 parameters for 1000 classes.
  public static func vgg16(_ options: ModelOptions) -> Network { vgg("vgg16", stages: [2, 2, 3, 3, 3], options) }
}
