import Tensors

extension Network {
  /// GoogLeNet (Szegedy et al. 2014, table 1): 5×5 branches, local response normalisation, two auxiliary heads.
  /// 13,378,280 parameters for 1000 classes, 6,998,552 without the heads. Named like torchvision's.
  public static func googLeNet(_ options: ModelOptions) -> Network {
    googLeNet("googlenet", InceptionUnits(options: options, batchNorm: false))
  }

  /// GoogLeNet as torchvision has it: batch norm behind every convolution, 3×3 where the paper has 5×5. 13,004,888
  /// parameters for 1000 classes, 6,624,904 without the heads.
  public static func googLeNetBN(_ options: ModelOptions) -> Network {
    googLeNet("googlenet-bn", InceptionUnits(options: options, batchNorm: true))
  }

  private static func googLeNet(_ name: String, _ units: InceptionUnits) -> Network {
    var unit = units
    let options = unit.options
    var net = Network(name, input: options.input(3, 224))
    var x = unit.convolution(&net, 0, 64, kernel: 7, stride: 2, padding: 3, name: "conv1")
    x = unit.normalized(&net, net.maxPool(x, kernel: 3, stride: 2, rounding: .up))
    x = unit.convolution(&net, x, 64, kernel: 1, name: "conv2")
    x = unit.convolution(&net, x, 192, kernel: 3, padding: 1, name: "conv3")
    x = net.maxPool(unit.normalized(&net, x), kernel: 3, stride: 2, rounding: .up)
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
    x = net.maxPool(x, kernel: unit.batchNorm ? 2 : 3, stride: 2, rounding: .up)
    x = unit.inception(&net, x, [256, 160, 320, 32, 128, 128], name: "inception5a")
    x = unit.inception(&net, x, [384, 192, 384, 48, 128, 128], name: "inception5b")
    x = net.dropout(net.globalAveragePool(x), rate: unit.batchNorm ? 0.2 : 0.4, number: unit.dropouts)
    unit.dense(&net, x, options.classes ?? 1000, name: "fc")
    net.auxiliaryOutputs = [
      AuxiliaryOutput(node: first, weight: 0.3), AuxiliaryOutput(node: second, weight: 0.3),
    ]
    return net
  }
}

/// The parts of GoogLeNet, as published or with batch norm.
private struct InceptionUnits {
  let options: ModelOptions
  let batchNorm: Bool
  var dropouts = 0

  init(options: ModelOptions, batchNorm: Bool) {
    self.options = options
    self.batchNorm = batchNorm
  }

  /// Convolution, with batch norm (ε = 0.001) or a bias of 0.2 (Caffe's bvlc_googlenet; the paper does not say), and
  /// rectifier.
  func convolution(
    _ net: inout Network, _ input: Network.NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    name: String
  ) -> Network.NodeID {
    guard batchNorm else {
      return net.relu(
        net.convolution(
          input, channels, kernel: kernel, stride: stride, padding: padding, bias: true, weights: .caffeXavier,
          biases: .constant(0.2), name: "\(name).conv"))
    }
    var norm = options.batchNorm()
    norm.epsilon = options.batchNormEpsilon ?? 1e-3
    let x = net.convolution(input, channels, kernel: kernel, stride: stride, padding: padding, name: "\(name).conv")
    return net.relu(net.add(norm, to: [x], name: "\(name).bn"))
  }

  /// Local response normalisation, where there is no batch norm.
  func normalized(_ net: inout Network, _ input: Network.NodeID) -> Network.NodeID {
    batchNorm ? input : net.localResponseNormalization(input, bias: 1, alpha: 2e-5)
  }

  @discardableResult
  func dense(_ net: inout Network, _ input: Network.NodeID, _ outputs: Int, name: String) -> Network.NodeID {
    batchNorm
      ? net.dense(input, outputs, name: name)
      : net.dense(input, outputs, weights: .caffeXavier, biases: .zero, name: name)
  }

  /// `widths`: 1×1; reduction and 3×3; reduction and 5×5; behind the pooling.
  func inception(
    _ net: inout Network, _ input: Network.NodeID, _ widths: [Int], name: String
  ) -> Network.NodeID {
    let branch1 = convolution(&net, input, widths[0], kernel: 1, name: "\(name).branch1")
    var branch2 = convolution(&net, input, widths[1], kernel: 1, name: "\(name).branch2.0")
    branch2 = convolution(&net, branch2, widths[2], kernel: 3, padding: 1, name: "\(name).branch2.1")
    var branch3 = convolution(&net, input, widths[3], kernel: 1, name: "\(name).branch3.0")
    let third = batchNorm ? 3 : 5
    branch3 = convolution(
      &net, branch3, widths[4], kernel: third, padding: third / 2, name: "\(name).branch3.1")
    var branch4 = net.maxPool(input, kernel: 3, stride: 1, padding: 1, rounding: .up)
    branch4 = convolution(&net, branch4, widths[5], kernel: 1, name: "\(name).branch4.1")
    return net.concatenate([branch1, branch2, branch3, branch4], name: "\(name).concatenate")
  }

  /// Logits on the way (section 5): 5×5 pooling of stride 3 (torchvision: to 4×4), 1×1 convolution, two dense layers.
  mutating func auxiliaryHead(_ net: inout Network, _ input: Network.NodeID, name: String) -> Network.NodeID {
    var x = batchNorm ? net.adaptiveAveragePool(input, 4) : net.averagePool(input, kernel: 5, stride: 3)
    x = convolution(&net, x, 128, kernel: 1, name: "\(name).conv")
    x = net.relu(dense(&net, x, 1024, name: "\(name).fc1"))
    x = net.dropout(x, rate: 0.7, number: dropouts)
    dropouts += 1
    return dense(&net, x, options.classes ?? 1000, name: "\(name).fc2")
  }
}
