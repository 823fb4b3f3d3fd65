import Tensors

extension Network {
  /// The residual and plain networks for CIFAR-10 (He et al. 2015, section 4.2): 6n + 2 weighted layers in three stages
  /// of 16, 32 and 64 maps at 32, 16 and 8 pixels, shortcuts of option A.
  public static func cifarResNet(depth: Int, residual: Bool, _ options: ModelOptions) -> Network {
    precondition((depth - 2) % 6 == 0, "CIFAR networks have 6n + 2 layers.")
    var net = Network("\(residual ? "resnet" : "plain")\(depth)", input: options.input(3, 32))
    var x = net.convolution(0, 16, kernel: 3, padding: 1, name: "conv1")
    x = net.relu(net.add(options.batchNorm(), to: [x], name: "bn1"))
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<(depth - 2) / 6 {
        let stride = stage > 0 && block == 0 ? 2 : 1
        x = net.scope("layer\(stage + 1).\(block)") {
          $0.cifarBlock(x, width: width, stride: stride, residual: residual, options)
        }
      }
    }
    net.dense(net.globalAveragePool(x), options.classes ?? 10, weights: .he, name: "fc")
    return net
  }

  private mutating func cifarBlock(
    _ input: NodeID, width: Int, stride: Int, residual: Bool, _ options: ModelOptions
  ) -> NodeID {
    var x = convolution(input, width, kernel: 3, stride: stride, padding: 1, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, padding: 1, name: "conv2")
    x = add(options.batchNorm(last: true), to: [x], name: "bn2")
    guard residual else { return relu(x) }
    var shortcut = input
    if shape(of: input) != shape(of: x) {
      shortcut = add(Subsample(width, stride: Extent(stride)), to: [input], name: "shortcut")
    }
    return relu(add(Add(), to: [x, shortcut], name: "add"))
  }
}
