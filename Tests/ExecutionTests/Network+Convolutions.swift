import Networks
import Tensors

extension Network {
  /// Every kind of convolution: in groups, on images too, with taps apart, every channel alone, without shared weights.
  static let convolutions: Network = {
    var net = Network("convolutions", input: Shape(channels: 3, height: 13, width: 12))
    var x = net.relu(net.convolution(0, 12, kernel: 3, padding: 1, groups: 3, bias: true, name: "colours"))
    let apart = net.convolution(x, 32, kernel: 3, padding: 2, dilation: 2, groups: 4, name: "apart")
    x = net.relu(net.add(BatchNorm(), to: [apart], name: "norm"))
    let alone = net.convolution(x, 32, kernel: 3, stride: 2, padding: 1, groups: 32, bias: true, name: "alone")
    x = net.relu(net.convolution(alone, 64, kernel: 1, bias: true, name: "across"))
    let halves = net.convolution(x, 64, kernel: 3, padding: 1, groups: 2, bias: true, name: "halves")
    x = net.relu(net.add(Add(), to: [halves, x], name: "sum"))
    x = net.convolution(x, 20, kernel: Extent(rows: 1, columns: 3), stride: Extent(rows: 1, columns: 2), name: "rows")
    x = net.relu(
      net.add(
        LocallyConnected(18, kernel: Extent(2), stride: Extent(rows: 2, columns: 1), bias: true), to: [x],
        name: "local"))
    net.dense(x, 7, name: "logits")
    return net
  }()
}
