import Tensors

extension Network {
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
