import Networks
import Tensors

extension Network {
  /// The layers of the networks before batch normalization, with tensors that several of them read.
  static let classic: Network = {
    var net = Network("classic", input: Shape(channels: 3, height: 13, width: 11))
    let first = net.convolution(0, 20, kernel: 3, bias: true, name: "first")
    let squashed = net.tanh(first)
    let normed = net.add(ResponseNormalization(alpha: 0.2), to: [squashed], name: "response")
    let pooled = net.averagePool(normed, kernel: 3, stride: 1, padding: 1, countPadding: false)
    var x = net.add(Add(), to: [squashed, pooled], name: "sum")
    x = net.sigmoid(net.convolution(x, 18, kernel: 3, bias: true, name: "second"))
    let contrast = net.add(ContrastNormalization(bias: 0.5, alpha: 2), to: [x], name: "contrast")
    x = net.add(
      Add(), to: [net.l2Pool(x, kernel: 2, stride: 2), net.l2Pool(contrast, kernel: 2, stride: 2)], name: "both")
    x = net.add(PartialConvolution([[0, 5, 17], [1, 2], [3], [4, 16]], kernel: Extent(2)), to: [x], name: "partial")
    x = net.scaledTanh(net.add(TrainedPool(kernel: Extent(1)), to: [x], name: "trained"))
    net.dense(net.relu(net.dense(x, 30, name: "hidden")), 6, name: "logits")
    return net
  }()
}
