import Tensors

extension Network {
  /// AlexNet (Krizhevsky et al. 2012, section 3.5): two groups in three convolutions, local response normalisation,
  /// overlapping pooling. 60,965,224 parameters for 1000 classes.
  ///
  /// The paper's 224×224 images do not fit its 55×55 maps; they are padded by 2. Weights from N(0, 0.01²), biases of 1
  /// in the second, fourth and fifth convolution and the hidden dense layers (section 5).
  public static func alexNet(_ options: ModelOptions) -> Network {
    var net = Network("alexnet", input: options.input(3, 224))
    let weights = Initializer.normal(deviation: 0.01)
    let one = Initializer.constant(1)
    var x = net.relu(
      net.convolution(
        0, 96, kernel: 11, stride: 4, padding: 2, bias: true, weights: weights, biases: .zero, name: "conv1"))
    x = net.maxPool(net.localResponseNormalization(x), kernel: 3, stride: 2)
    x = net.relu(
      net.convolution(
        x, 256, kernel: 5, padding: 2, groups: 2, bias: true, weights: weights, biases: one, name: "conv2"))
    x = net.maxPool(net.localResponseNormalization(x), kernel: 3, stride: 2)
    x = net.relu(
      net.convolution(x, 384, kernel: 3, padding: 1, bias: true, weights: weights, biases: .zero, name: "conv3"))
    x = net.relu(
      net.convolution(
        x, 384, kernel: 3, padding: 1, groups: 2, bias: true, weights: weights, biases: one, name: "conv4"))
    x = net.relu(
      net.convolution(
        x, 256, kernel: 3, padding: 1, groups: 2, bias: true, weights: weights, biases: one, name: "conv5"))
    x = net.maxPool(x, kernel: 3, stride: 2)
    for number in 0..<2 {
      x = net.relu(net.dense(x, 4096, weights: weights, biases: one, name: "fc\(6 + number)"))
      x = net.dropout(x, rate: 0.5, number: number)
    }
    net.dense(x, options.classes ?? 1000, weights: weights, biases: .zero, name: "fc8")
    return net
  }

  /// AlexNet in the one-column form of Krizhevsky's "One weird trick for parallelizing convolutional neural networks"
  /// (2014), named as in torchvision. 61,100,840 parameters for 1000 classes.
  public static func alexNetOWT(_ options: ModelOptions) -> Network {
    var net = Network("alexnet-owt", input: options.input(3, 224))
    let convolutions: [(place: Int, channels: Int, kernel: Int, stride: Int, padding: Int, pooled: Bool)] = [
      (0, 64, 11, 4, 2, true), (3, 192, 5, 1, 2, true), (6, 384, 3, 1, 1, false), (8, 256, 3, 1, 1, false),
      (10, 256, 3, 1, 1, true),
    ]
    var x = 0
    for layer in convolutions {
      x = net.convolution(
        x, layer.channels, kernel: layer.kernel, stride: layer.stride, padding: layer.padding, bias: true,
        weights: .pyTorchDefault, biases: .pyTorchDefault, name: "features.\(layer.place)")
      x = net.relu(x)
      if layer.pooled { x = net.maxPool(x, kernel: 3, stride: 2) }
    }
    x = net.adaptiveAveragePool(x, 6)
    x = net.relu(net.dense(net.dropout(x, rate: 0.5, number: 0), 4096, name: "classifier.1"))
    x = net.relu(net.dense(net.dropout(x, rate: 0.5, number: 1), 4096, name: "classifier.4"))
    net.dense(x, options.classes ?? 1000, name: "classifier.6")
    return net
  }
}
