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
