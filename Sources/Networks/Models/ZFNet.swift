import Tensors

extension Network {
  /// ZFNet (Zeiler and Fergus 2013, figure 3): AlexNet without groups, with 7×7 filters of stride 2 in the first layer
  /// and stride 2 in the second. 62,357,608 parameters for 1000 classes.
  ///
  /// Contrast normalisation stands behind the first two poolings, as in the figure.
  public static func zfNet(_ options: ModelOptions) -> Network {
    var net = Network("zfnet", input: options.input(3, 224))
    let weights = Initializer.normal(deviation: 0.01)
    func layer(_ x: NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int, number: Int) -> NodeID {
      net.relu(
        net.convolution(
          x, channels, kernel: kernel, stride: stride, padding: padding, bias: true, weights: weights, biases: .zero,
          name: "conv\(number)"))
    }
    var x = layer(0, 96, kernel: 7, stride: 2, padding: 1, number: 1)
    x = net.contrastNormalization(net.maxPool(x, kernel: 3, stride: 2, rounding: .up))
    x = layer(x, 256, kernel: 5, stride: 2, padding: 0, number: 2)
    x = net.contrastNormalization(net.maxPool(x, kernel: 3, stride: 2, rounding: .up))
    x = layer(x, 384, kernel: 3, padding: 1, number: 3)
    x = layer(x, 384, kernel: 3, padding: 1, number: 4)
    x = layer(x, 256, kernel: 3, padding: 1, number: 5)
    x = net.maxPool(x, kernel: 3, stride: 2)
    for number in 0..<2 {
      x = net.relu(net.dense(x, 4096, weights: weights, biases: .zero, name: "fc\(6 + number)"))
      x = net.dropout(x, rate: 0.5, number: number)
    }
    net.dense(x, options.classes ?? 1000, weights: weights, biases: .zero, name: "fc8")
    return net
  }
}
