import Tensors

extension Network {
  /// OverFeat's fast model (Sermanet et al. 2013, table 1) for 231×231 images: no normalisation, pooling without
  /// overlap. 145,920,872 parameters for 1000 classes.
  public static func overFeatFast(_ options: ModelOptions) -> Network {
    var net = Network("overfeat-fast", input: options.input(3, 231))
    var x = net.overFeatConvolution(0, 96, kernel: 11, stride: 4, name: "conv1")
    x = net.maxPool(x, kernel: 2, stride: 2)
    x = net.overFeatConvolution(x, 256, kernel: 5, name: "conv2")
    x = net.maxPool(x, kernel: 2, stride: 2)
    x = net.overFeatConvolution(x, 512, kernel: 3, padding: 1, name: "conv3")
    x = net.overFeatConvolution(x, 1024, kernel: 3, padding: 1, name: "conv4")
    x = net.overFeatConvolution(x, 1024, kernel: 3, padding: 1, name: "conv5")
    x = net.maxPool(x, kernel: 2, stride: 2)
    net.overFeatClassifier(x, first: 6, hidden: [3072, 4096], options)
    return net
  }

  /// OverFeat's accurate model (table 3) for 221×221 images. 144,656,488 parameters for 1000 classes.
  public static func overFeatAccurate(_ options: ModelOptions) -> Network {
    var net = Network("overfeat-accurate", input: options.input(3, 221))
    var x = net.overFeatConvolution(0, 96, kernel: 7, stride: 2, name: "conv1")
    x = net.maxPool(x, kernel: 3, stride: 3)
    x = net.overFeatConvolution(x, 256, kernel: 7, name: "conv2")
    x = net.maxPool(x, kernel: 2, stride: 2)
    x = net.overFeatConvolution(x, 512, kernel: 3, padding: 1, name: "conv3")
    x = net.overFeatConvolution(x, 512, kernel: 3, padding: 1, name: "conv4")
    x = net.overFeatConvolution(x, 1024, kernel: 3, padding: 1, name: "conv5")
    x = net.overFeatConvolution(x, 1024, kernel: 3, padding: 1, name: "conv6")
    x = net.maxPool(x, kernel: 3, stride: 3)
    net.overFeatClassifier(x, first: 7, hidden: [4096, 4096], options)
    return net
  }

  /// Weights from N(0, 0.01²) (section 3.1), rectified.
  private mutating func overFeatConvolution(
    _ input: NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, name: String
  ) -> NodeID {
    relu(
      convolution(
        input, channels, kernel: kernel, stride: stride, padding: padding, bias: true,
        weights: .normal(deviation: 0.01), biases: .zero, name: name))
  }

  /// Dense layers, numbered on from the convolutions, with dropout before the hidden ones' outputs are used.
  private mutating func overFeatClassifier(_ input: NodeID, first: Int, hidden: [Int], _ options: ModelOptions) {
    let weights = Initializer.normal(deviation: 0.01)
    var x = input
    for (index, width) in hidden.enumerated() {
      x = relu(dense(x, width, weights: weights, biases: .zero, name: "fc\(first + index)"))
      x = dropout(x, rate: 0.5, number: index)
    }
    dense(x, options.classes ?? 1000, weights: weights, biases: .zero, name: "fc\(first + hidden.count)")
  }
}
