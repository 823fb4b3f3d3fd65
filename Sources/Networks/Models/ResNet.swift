import Tensors

extension Network {
  /// Residual networks for ImageNet (He et al. 2015, table 1), named as in torchvision.
  public static func resNet(_ name: String, _ design: ResNetDesign, _ options: ModelOptions) -> Network {
    var net = Network(name, input: options.input(3, 224))
    var x = net.convolution(0, 64, kernel: 7, stride: 2, padding: 3, name: "conv1")
    x = net.relu(net.add(options.batchNorm(), to: [x], name: "bn1"))
    x = net.maxPool(x, kernel: 3, stride: 2, padding: 1)
    for (stage, count) in design.blocks.enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        x = net.scope("layer\(stage + 1).\(block)") {
          switch design.block {
          case .basic: $0.basicBlock(x, width: 64 << stage, stride: stride, design, options)
          case .bottleneck: $0.bottleneck(x, width: 64 << stage, stride: stride, design, options)
          }
        }
      }
    }
    net.dense(net.globalAveragePool(x), options.classes ?? 1000, name: "fc")
    return net
  }

  private mutating func basicBlock(
    _ input: NodeID, width: Int, stride: Int, _ design: ResNetDesign, _ options: ModelOptions
  ) -> NodeID {
    var x = convolution(input, width, kernel: 3, stride: stride, padding: 1, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, padding: 1, name: "conv2")
    x = add(options.batchNorm(last: true), to: [x], name: "bn2")
    return join(x, input, stride: stride, design, options)
  }

  /// 1×1 down, 3×3, 1×1 up to four times the width, around a shortcut.
  private mutating func bottleneck(
    _ input: NodeID, width: Int, stride: Int, _ design: ResNetDesign, _ options: ModelOptions
  ) -> NodeID {
    let first = design.stridesFirst ? stride : 1
    var x = convolution(input, width, kernel: 1, stride: first, name: "conv1")
    x = relu(add(options.batchNorm(), to: [x], name: "bn1"))
    x = convolution(x, width, kernel: 3, stride: stride / first, padding: 1, name: "conv2")
    x = relu(add(options.batchNorm(), to: [x], name: "bn2"))
    x = convolution(x, 4 * width, kernel: 1, name: "conv3")
    x = add(options.batchNorm(last: true), to: [x], name: "bn3")
    return join(x, input, stride: stride, design, options)
  }

  /// The sum of a block's result and its shortcut, rectified.
  private mutating func join(
    _ x: NodeID, _ input: NodeID, stride: Int, _ design: ResNetDesign, _ options: ModelOptions
  ) -> NodeID {
    guard let shortcut = design.shortcut else { return relu(x) }
    var other = input
    let fits = shape(of: input) == shape(of: x)
    if shortcut == .projectionEverywhere || shortcut == .projection && !fits {
      other = convolution(input, shape(of: x).channels, kernel: 1, stride: stride, name: "downsample.0")
      other = add(options.batchNorm(), to: [other], name: "downsample.1")
    } else if !fits {
      other = add(Subsample(shape(of: x).channels, stride: Extent(stride)), to: [input], name: "shortcut")
    }
    return relu(add(Add(), to: [x, other], name: "add"))
  }
}
