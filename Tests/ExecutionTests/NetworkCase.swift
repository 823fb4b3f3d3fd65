import Networks
import Tensors
import TestSupport
import Testing

/// A whole network on a small batch, with numbers for its weights and images.
struct NetworkCase: CustomTestStringConvertible, Sendable {
  let network: Network
  let images: Int

  init(_ network: Network, images: Int) {
    self.network = network
    self.images = images
  }

  var testDescription: String { "\(network.name) on \(images)× \(network.input.shape)" }

  /// The catalog's model for images of `size` pixels.
  init(_ name: String, images: Int, size: Int? = nil, classes: Int? = nil) {
    var options = ModelOptions(classes: classes)
    options.inputSize = size
    guard let entry = ModelCatalog.entry(named: name) else { preconditionFailure("There is no model \(name).") }
    self.init(entry.build(options), images: images)
  }

  static let small = [
    NetworkCase("linear", images: 3), NetworkCase("mlp", images: 5), NetworkCase("lenet5", images: 4),
    NetworkCase("lenet-caffe", images: 3), NetworkCase("lenet5-1998", images: 3), NetworkCase(.branching, images: 3),
    NetworkCase(.joining, images: 3), NetworkCase(.classic, images: 3),
    NetworkCase(.convolutions, images: 3), NetworkCase("resnet20", images: 3, size: 12),
  ]
  /// The larger networks only where the oracle's loops are optimized.
  static let all: [NetworkCase] = {
    #if DEBUG
      small
    #else
      small + [
        NetworkCase("resnet20", images: 4), NetworkCase("plain20", images: 5, size: 16),
        NetworkCase("resnet18", images: 2, size: 64, classes: 7),
      ]
    #endif
  }()

  /// Images in [−1, 1].
  var batch: Images {
    var numbers = TestNumbers(seed: 31)
    return numbers.images(images, network.input.shape)
  }

  var labels: [Int] {
    let classes = network.shape(of: network.output).channels
    return (0..<images).map { (7 * $0 + 3) % classes }
  }

  /// Weights as training begins with them, but for norms and biases, which begin anywhere.
  var parameters: OracleNetwork.Values {
    var numbers = TestNumbers(seed: 32)
    var values: OracleNetwork.Values = [:]
    for node in network.nodes {
      for spec in node.layer?.parameters(of: network.inputTypes(of: node)) ?? [] {
        let fanIn = spec.mapping.fileShape.dropFirst().reduce(1, *)
        let bound = (6 / Double(fanIn)).squareRoot()
        values["\(node.name).\(spec.name)"] =
          switch spec.role {
          case .weight: numbers.array(spec.mapping.count, -bound, bound)
          case .scale: numbers.array(spec.mapping.count, 0.5, 1.5)
          case .bias, .shift: numbers.array(spec.mapping.count, -0.2, 0.2)
          }
      }
    }
    return values
  }

  /// Running statistics as if something had been measured.
  var statistics: OracleNetwork.Values {
    var numbers = TestNumbers(seed: 33)
    var values: OracleNetwork.Values = [:]
    for node in network.nodes {
      for spec in node.layer?.statistics(of: network.inputTypes(of: node)) ?? [] {
        values["\(node.name).\(spec.name)"] = numbers.array(spec.channels, 0.3, 1.5)
      }
    }
    return values
  }
}

extension Network {
  /// Everything that can go wrong when tensors are shared: the images read twice, tensors with several readers, sums of
  /// sums, a norm that is added to its own input, rectifiers that cannot be fused.
  static let branching: Network = {
    var net = Network("branching", input: Shape(channels: 3, height: 11, width: 9))
    let left = net.convolution(0, 17, kernel: 3, padding: 1, bias: true, name: "left")
    let right = net.relu(net.convolution(0, 17, kernel: 5, padding: 2, name: "right"))
    let sum = net.add(Add(), to: [left, right], name: "sum")
    let rectified = net.relu(sum)
    let pooled = net.maxPool(sum, kernel: 3, stride: 1, padding: 1)
    var x = net.add(Add(), to: [rectified, pooled], name: "both")
    x = net.relu(net.add(Add(), to: [net.add(BatchNorm(), to: [x], name: "norm"), x], name: "self"))
    let twice = net.add(Add(), to: [x, x], name: "twice")
    let down = net.add(
      BatchNorm(), to: [net.convolution(twice, 20, kernel: 2, stride: 2, name: "down")], name: "downNorm")
    let side = net.add(BatchNorm(), to: [net.convolution(x, 20, kernel: 2, stride: 2, name: "side")], name: "sideNorm")
    x = net.relu(net.add(Add(), to: [down, side], name: "joined"))
    let shortcut = net.add(Subsample(25, stride: Extent(2)), to: [x], name: "shortcut")
    x = net.convolution(x, 25, kernel: 3, stride: 2, padding: 1, bias: true, name: "last")
    x = net.relu(net.add(Add(), to: [x, shortcut], name: "end"))
    x = net.add(AveragePool(PoolWindows(2, rounding: .up)), to: [x], name: "average")
    x = net.relu(net.dense(x, 30, name: "hidden"))
    net.dense(x, 6, name: "logits")
    return net
  }()

  /// Concatenations of whatever may be computed in its place: norms, a norm with a residual, convolutions of both
  /// algorithms, poolings, another concatenation, a block that is not full; and of what must be copied: a rectifier
  /// that cannot be fused, one tensor twice. Norms whose input has another reader, or comes from what allows no gaps.
  static let joining: Network = {
    var net = Network("joining", input: Shape(channels: 3, height: 9, width: 7))
    func convolution(_ input: NodeID, _ channels: Int, kernel: Int = 1, bias: Bool = false, _ name: String) -> NodeID {
      net.convolution(input, channels, kernel: kernel, padding: kernel / 2, bias: bias, name: name)
    }
    func norm(_ input: NodeID, _ name: String) -> NodeID { net.add(BatchNorm(), to: [input], name: name) }
    let stem = net.relu(convolution(0, 16, kernel: 3, bias: true, "stem"))
    let direct = net.relu(norm(convolution(stem, 16, "direct"), "directNorm"))
    let winograd = net.relu(convolution(stem, 32, kernel: 3, bias: true, "winograd"))
    let greatest = net.add(MaxPool(PoolWindows(3, stride: 1, padding: 1)), to: [stem], name: "max")
    let mean = net.add(
      AveragePool(PoolWindows(3, stride: 1, padding: 1)), to: [stem], name: "average")
    var x = net.concatenate([direct, winograd, greatest, mean], name: "first")
    let inner = net.concatenate(
      [
        net.relu(norm(convolution(x, 16, kernel: 5, "wide"), "wideNorm")),
        net.relu(convolution(x, 32, bias: true, "narrow")),
      ], name: "inner")
    let shared = convolution(x, 16, kernel: 3, "shared")
    let rectified = net.relu(
      net.add(MaxPool(PoolWindows(3, stride: 1, padding: 1)), to: [shared], name: "pool"))
    let smooth = net.add(
      AveragePool(PoolWindows(3, stride: 1, padding: 1)), to: [shared], name: "smooth")
    let plainNorm = net.relu(norm(net.relu(smooth), "plainNorm"))
    // The last reader, so that its gradient might be in place.
    let sharedNorm = net.relu(norm(shared, "sharedNorm"))
    let residual = convolution(x, 16, "residual")
    let sum = net.relu(net.add(Add(), to: [norm(convolution(x, 16, "summand"), "summandNorm"), residual], name: "sum"))
    let last = convolution(x, 20, "last")
    x = net.concatenate([inner, sharedNorm, plainNorm, sum, rectified, last], name: "outer")
    x = convolution(net.relu(norm(x, "outerNorm")), 16, "half")
    x = net.concatenate([x, x], name: "twice")
    x = net.add(GlobalAveragePool(), to: [x], name: "mean")
    net.dense(x, 6, name: "logits")
    return net
  }()
}
