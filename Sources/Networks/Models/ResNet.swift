import Tensors

extension Network {
  /// Residual networks for ImageNet (He et al. 2015, table 1) with projection shortcuts (option B), named as in
  /// torchvision.
  ///
  /// Deeper ones have bottleneck blocks, whose stride sits on the 3×3 convolution: "v1.5".
  public static func resNet(
    _ name: String, blocks: [Int], bottlenecks: Bool, _ options: ModelOptions
  ) -> Network {
    var net = Network(name, input: options.input(3, 224))
    var x = net.convolution(0, 64, kernel: 7, stride: 2, padding: 3, name: "conv1")
    x = net.relu(net.add(options.batchNorm(), to: [x], name: "bn1"))
    x = net.maxPool(x, kernel: 3, stride: 2, padding: 1)
    for (stage, count) in blocks.enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        x = net.scope("layer\(stage + 1).\(block)") {
          bottlenecks
            ? $0.bottleneck(x, width: 64 << stage, stride: stride, options)
            : $0.basicBlock(x, width: 64 << stage, stride: stride, options)
        }
      }
    }
    net.dense(net.globalAveragePool(x), options.classes ?? 1000, name: "fc")
    return net
  }

  /// ResNet-18. 11,689,512 parameters for 1000 classes.
  public static func resNet18(_ options: ModelOptions) -> Network {
    resNet("resnet18", blocks: [2, 2, 2, 2], bottlenecks: false, options)
  }

  /// ResNet-50 v1.5. 25,557,032 parameters for 1000 classes.
  public static func resNet50(_ options: ModelOptions) -> Network {
    resNet("resnet50", blocks: [3, 4, 6, 3], bottlenecks: true, options)
  }

  private mutating func basicBlock(_ input: NodeID, width: Int, stride: Int, _ options: ModelOptions) -> NodeID {
    var x = convolution(input, width, kernel: 3, stride: stride, padding: 1, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, padding: 1, name: "conv2")
    x = add(options.batchNorm(last: true), to: [x], name: "bn2")
    return join(x, input, stride: stride, options)
  }

  /// 1×1 down, 3×3, 1×1 up to four times the width, around a shortcut.
  private mutating func bottleneck(_ input: NodeID, width: Int, stride: Int, _ options: ModelOptions) -> NodeID {
    var x = convolution(input, width, kernel: 1, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, stride: stride, padding: 1, name: "conv2")
    x = relu(add(options.batchNorm(), to: [x], name: "bn2"))
    x = convolution(x, 4 * width, kernel: 1, name: "conv3")
    x = add(options.batchNorm(last: true), to: [x], name: "bn3")
    return join(x, input, stride: stride, options)
  }

  /// The sum of a block's result and its shortcut, projected where the shapes differ, rectified.
  private mutating func join(_ x: NodeID, _ input: NodeID, stride: Int, _ options: ModelOptions) -> NodeID {
    var shortcut = input
    if shape(of: input) != shape(of: x) {
      shortcut = convolution(input, shape(of: x).channels, kernel: 1, stride: stride, name: "downsample.0")
      shortcut = add(options.batchNorm(), to: [shortcut], name: "downsample.1")
    }
    return relu(add(Add(), to: [x, shortcut], name: "add"))
  }
}
