import Tensors

extension Network {
  /// Residual networks for ImageNet with basic blocks (He et al. 2015, table 1) and projection shortcuts (option B), named
  /// as in torchvision.
  public static func resNet(_ name: String, blocks: [Int], _ options: ModelOptions) -> Network {
    var net = Network(name, input: options.input(3, 224))
    var x = net.convolution(0, 64, kernel: 7, stride: 2, padding: 3, name: "conv1")
    x = net.relu(net.add(options.batchNorm(), to: [x], name: "bn1"))
    x = net.maxPool(x, kernel: 3, stride: 2, padding: 1)
    for (stage, count) in blocks.enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        x = net.scope("layer\(stage + 1).\(block)") {
          $0.basicBlock(x, width: 64 << stage, stride: stride, options)
        }
      }
    }
    net.dense(net.globalAveragePool(x), options.classes ?? 1000, name: "fc")
    return net
  }

  /// ResNet-18. 11,689,512 parameters for 1000 classes.
  public static func resNet18(_ options: ModelOptions) -> Network { resNet("resnet18", blocks: [2, 2, 2, 2], options) }

  private mutating func basicBlock(_ input: NodeID, width: Int, stride: Int, _ options: ModelOptions) -> NodeID {
    var x = convolution(input, width, kernel: 3, stride: stride, padding: 1, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, padding: 1, name: "conv2")
    x = add(options.batchNorm(last: true), to: [x], name: "bn2")
    var shortcut = input
    if shape(of: input) != shape(of: x) {
      shortcut = convolution(input, width, kernel: 1, stride: stride, name: "downsample.0")
      shortcut = add(options.batchNorm(), to: [shortcut], name: "downsample.1")
    }
    return relu(add(Add(), to: [x, shortcut], name: "add"))
  }
}
