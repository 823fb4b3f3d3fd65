import Tensors

extension Network {
  /// LeNet-5 (LeCun et al. 1998, figure 2) in its modern form: full connections in C3, max pooling, rectifiers,
  /// softmax. 61,706 parameters for ten classes.
  public static func leNet5(_ options: ModelOptions) -> Network {
    var net = Network("lenet5", input: options.input(1, 28))
    // The paper pads the 28 × 28 digits to 32 × 32; larger images are taken as they are.
    let padding = net.input.shape.height == 28 ? 2 : 0
    var x = net.convolution(
      0, 6, kernel: 5, padding: padding, bias: true, weights: .pyTorchDefault, biases: .pyTorchDefault, name: "conv1")
    x = net.maxPool(net.relu(x), kernel: 2, stride: 2)
    x = net.convolution(
      x, 16, kernel: 5, bias: true, weights: .pyTorchDefault, biases: .pyTorchDefault, name: "conv2")
    x = net.maxPool(net.relu(x), kernel: 2, stride: 2)
    x = net.relu(net.dense(x, 120, name: "fc1"))
    x = net.relu(net.dense(x, 84, name: "fc2"))
    net.dense(x, options.classes ?? 10, name: "fc3")
    return net
  }

  /// LeNet-5 as it was published (LeCun et al. 1998, section II.B): trained sub-sampling, partial connections in C3,
  /// scaled tanh behind every layer up to F6, and distances from fixed codes of the digits as outputs, whose negatives
  /// are the logits. 60,000 parameters (C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164) beside the 840 fixed
  /// values of the codes; at most ten classes.
  public static func leNet5Of1998(_ options: ModelOptions) -> Network {
    var net = Network("lenet5-1998", input: options.input(1, 28))
    let padding = net.input.shape.height == 28 ? 2 : 0
    func convolution(_ input: NodeID, _ maps: Int, padding: Int = 0, name: String) -> NodeID {
      net.scaledTanh(
        net.convolution(
          input, maps, kernel: 5, padding: padding, bias: true, weights: .leCun, biases: .leCun, name: name))
    }
    func subsampling(_ input: NodeID, name: String) -> NodeID {
      net.scaledTanh(net.add(TrainedPool(kernel: Extent(2)), to: [input], name: name))
    }
    var x = convolution(0, 6, padding: padding, name: "c1")
    x = subsampling(x, name: "s2")
    x = net.scaledTanh(net.add(PartialConvolution(leNet5Connections, kernel: Extent(5)), to: [x], name: "c3"))
    x = subsampling(x, name: "s4")
    x = convolution(x, 120, name: "c5")
    x = net.scaledTanh(net.dense(x, 84, weights: .leCun, biases: .leCun, name: "f6"))
    net.add(RadialBasis(options.classes ?? 10, codes: DigitCodes.all), to: [x], name: "output")
    return net
  }

  /// Table I: for each map of C3 the maps of S2 that it sees. Three neighbours, four neighbours (around the end), four
  /// with gaps, all.
  static let leNet5Connections: [[Int]] = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
  ]

  /// Caffe's LeNet (BVLC/caffe, examples/mnist/lenet.prototxt): no rectifier behind the convolutions. 431,080
  /// parameters.
  public static func leNetCaffe(_ options: ModelOptions) -> Network {
    var net = Network("lenet-caffe", input: options.input(1, 28))
    var x = net.convolution(0, 20, kernel: 5, bias: true, weights: .caffeXavier, name: "conv1")
    x = net.maxPool(x, kernel: 2, stride: 2, rounding: .up)
    x = net.convolution(x, 50, kernel: 5, bias: true, weights: .caffeXavier, name: "conv2")
    x = net.maxPool(x, kernel: 2, stride: 2, rounding: .up)
    x = net.relu(net.dense(x, 500, weights: .caffeXavier, biases: .zero, name: "ip1"))
    net.dense(x, options.classes ?? 10, weights: .caffeXavier, biases: .zero, name: "ip2")
    return net
  }
}
