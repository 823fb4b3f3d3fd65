import Tensors

extension Network {
  /// GoogLeNet (Szegedy et al. 2014) as torchvision has it: batch norm behind every convolution, 3×3 where the paper
  /// has 5×5, two auxiliary heads. 13,004,888 parameters for 1000 classes, 6,624,904 without the heads.
  public static func googLeNetBN(_ options: ModelOptions) -> Network {
    var net = Network("googlenet-bn", input: options.input(3, 224))
    var unit = InceptionUnits(options: options)
    var x = unit.convolution(&net, 0, 64, kernel: 7, stride: 2, padding: 3, name: "conv1")
    x = net.maxPool(x, kernel: 3, stride: 2, rounding: .up)
    x = unit.convolution(&net, x, 64, kernel: 1, name: "conv2")
    x = unit.convolution(&net, x, 192, kernel: 3, padding: 1, name: "conv3")
    x = net.maxPool(x, kernel: 3, stride: 2, rounding: .up)
    x = unit.inception(&net, x, [64, 96, 128, 16, 32, 32], name: "inception3a")
    x = unit.inception(&net, x, [128, 128, 192, 32, 96, 64], name: "inception3b")
    x = net.maxPool(x, kernel: 3, stride: 2, rounding: .up)
    x = unit.inception(&net, x, [192, 96, 208, 16, 48, 64], name: "inception4a")
    let first = unit.auxiliaryHead(&net, x, name: "aux1")
    x = unit.inception(&net, x, [160, 112, 224, 24, 64, 64], name: "inception4b")
    x = unit.inception(&net, x, [128, 128, 256, 24, 64, 64], name: "inception4c")
    x = unit.inception(&net, x, [112, 144, 288, 32, 64, 64], name: "inception4d")
    let second = unit.auxiliaryHead(&net, x, name: "aux2")
    x = unit.inception(&net, x, [256, 160, 320, 32, 128, 128], name: "inception4e")
    x = net.maxPool(x, kernel: 2, stride: 2, rounding: .up)
    x = unit.inception(&net, x, [256, 160, 320, 32, 128, 128], name: "inception5a")
    x = unit.inception(&net, x, [384, 192, 384, 48, 128, 128], name: "inception5b")
    x = net.dropout(net.globalAveragePool(x), rate: 0.2, number: unit.dropouts)
    net.dense(x, options.classes ?? 1000, name: "fc")
    net.auxiliaryOutputs = [
      AuxiliaryOutput(node: first, weight: 0.3), AuxiliaryOutput(node: second, weight: 0.3),
    ]
    return net
  }
}

/// The parts of GoogLeNet.
private struct InceptionUnits {
  let options: ModelOptions
  var dropouts = 0

  init(options: ModelOptions) { self.options = options }

  /// Convolution, batch norm with ε = 0.001, rectifier.
  func convolution(
    _ net: inout Network, _ input: Network.NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    name: String
  ) -> Network.NodeID {
    var norm = options.batchNorm()
    norm.epsilon = options.batchNormEpsilon ?? 1e-3
    let x = net.convolution(input, channels, kernel: kernel, stride: stride, padding: padding, name: "\(name).conv")
    return net.relu(net.add(norm, to: [x], name: "\(name).bn"))
  }

  /// `widths`: 1×1; reduction and 3×3; reduction and second 3×3; behind the pooling.
  func inception(
    _ net: inout Network, _ input: Network.NodeID, _ widths: [Int], name: String
  ) -> Network.NodeID {
    let branch1 = convolution(&net, input, widths[0], kernel: 1, name: "\(name).branch1")
    var branch2 = convolution(&net, input, widths[1], kernel: 1, name: "\(name).branch2.0")
    branch2 = convolution(&net, branch2, widths[2], kernel: 3, padding: 1, name: "\(name).branch2.1")
    var branch3 = convolution(&net, input, widths[3], kernel: 1, name: "\(name).branch3.0")
    branch3 = convolution(&net, branch3, widths[4], kernel: 3, padding: 1, name: "\(name).branch3.1")
    var branch4 = net.maxPool(input, kernel: 3, stride: 1, padding: 1, rounding: .up)
    branch4 = convolution(&net, branch4, widths[5], kernel: 1, name: "\(name).branch4.1")
    return net.concatenate([branch1, branch2, branch3, branch4], name: "\(name).concatenate")
  }

  /// Logits on the way (section 5): pooling to 4×4, 1×1 convolution, two dense layers.
  mutating func auxiliaryHead(_ net: inout Network, _ input: Network.NodeID, name: String) -> Network.NodeID {
    var x = net.adaptiveAveragePool(input, 4)
    x = convolution(&net, x, 128, kernel: 1, name: "\(name).conv")
    x = net.relu(net.dense(x, 1024, name: "\(name).fc1"))
    x = net.dropout(x, rate: 0.7, number: dropouts)
    dropouts += 1
    return net.dense(x, options.classes ?? 1000, name: "\(name).fc2")
  }
}
