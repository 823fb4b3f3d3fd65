import Networks
import Tensors
import TestSupport
import Testing

/// One layer on one shape.
struct LayerCase: CustomTestStringConvertible {
  var layer: any Layer
  var inputs: [TensorType]
  var images: Int

  init(_ layer: any Layer, _ inputs: [TensorType], images: Int = 2) {
    self.layer = layer
    self.inputs = inputs
    self.images = images
  }

  init(_ layer: any Layer, _ channels: Int, _ height: Int = 1, _ width: Int = 1, images: Int = 2) {
    self.init(layer, [TensorType(Shape(channels: channels, height: height, width: width))], images: images)
  }

  var testDescription: String {
    "\(layer.kind) on \(images)× \(inputs.map { "\($0.shape)\($0.layout == .blocked ? "" : " interleaved")" })"
  }

  /// The table of the law: to add a layer, add its lines here.
  static let all = convolutions + groups + local + winograd + dense + norms + others + classics

  private static let convolutions: [LayerCase] = [
    LayerCase(Convolution(3, kernel: Extent(3), padding: Extent(1), bias: true), 2, 4, 5),
    LayerCase(rectified(Convolution(3, kernel: Extent(3), padding: Extent(1), bias: true)), 2, 4, 5),
    LayerCase(Convolution(17, kernel: Extent(3), stride: Extent(2), padding: Extent(1), bias: false), 3, 5, 4),
    LayerCase(rectified(Convolution(20, kernel: Extent(1), stride: Extent(2), bias: false)), 17, 5, 7, images: 3),
    LayerCase(
      Convolution(6, kernel: Extent(rows: 1, columns: 3), padding: Extent(rows: 0, columns: 1), bias: true), 16, 3, 3),
    LayerCase(Convolution(4, kernel: Extent(2), stride: Extent(3), bias: true), 33, 6, 5, images: 1),
    LayerCase(
      Convolution(3, kernel: Extent(3), stride: Extent(2), padding: Extent(2), dilation: Extent(2), bias: true), 2, 6, 5
    ),
    LayerCase(
      rectified(Convolution(17, kernel: Extent(3), padding: Extent(1), dilation: Extent(3), bias: false)), 16, 6, 7),
    // One row: convolutions of sequences.
    LayerCase(
      rectified(
        Convolution(
          5, kernel: Extent(rows: 1, columns: 3), stride: Extent(rows: 1, columns: 2),
          padding: Extent(rows: 0, columns: 2), dilation: Extent(rows: 1, columns: 2), bias: true)), 17, 1, 12),
    LayerCase(
      Convolution(6, kernel: Extent(rows: 1, columns: 5), padding: Extent(rows: 0, columns: 2), bias: true),
      [TensorType(Shape(channels: 2, height: 1, width: 19), .interleaved)], images: 3),
    LayerCase(
      rectified(Convolution(6, kernel: Extent(5), padding: Extent(2), bias: true)),
      [TensorType(Shape(channels: 1, height: 8, width: 7), .interleaved)]),
    LayerCase(
      Convolution(17, kernel: Extent(3), stride: Extent(2), padding: Extent(1), bias: false),
      [TensorType(Shape(channels: 3, height: 7, width: 5), .interleaved)], images: 3),
  ]

  /// Groups that share blocks, on blocks and on images; every channel alone, with strides and without; whole blocks,
  /// direct and by Winograd.
  private static let groups: [LayerCase] = [
    LayerCase(rectified(Convolution(6, kernel: Extent(3), padding: Extent(1), groups: 2, bias: true)), 4, 4, 5),
    LayerCase(Convolution(15, kernel: Extent(2), stride: Extent(2), groups: 3, bias: false), 9, 5, 6, images: 3),
    LayerCase(
      Convolution(4, kernel: Extent(3), padding: Extent(1), groups: 2, bias: true),
      [TensorType(Shape(channels: 2, height: 5, width: 6), .interleaved)]),
    LayerCase(rectified(Convolution(5, kernel: Extent(3), padding: Extent(1), groups: 5, bias: true)), 5, 4, 6),
    LayerCase(
      Convolution(
        18, kernel: Extent(3), stride: Extent(2), padding: Extent(2), dilation: Extent(2), groups: 18, bias: false), 18,
      7, 8),
    LayerCase(rectified(Convolution(64, kernel: Extent(1), groups: 2, bias: true)), 32, 3, 4),
    LayerCase(Convolution(32, kernel: Extent(3), padding: Extent(1), groups: 2, bias: true), 64, 5, 6, images: 3),
  ]

  private static let local: [LayerCase] = [
    LayerCase(LocallyConnected(3, kernel: Extent(3), padding: Extent(1), bias: true), 2, 3, 4),
    LayerCase(rectified(LocallyConnected(17, kernel: Extent(2), stride: Extent(2), bias: false)), 18, 5, 4, images: 3),
    LayerCase(
      rectified(
        LocallyConnected(
          4, kernel: Extent(rows: 2, columns: 3), stride: Extent(rows: 2, columns: 1),
          padding: Extent(rows: 1, columns: 2), bias: true)),
      [TensorType(Shape(channels: 3, height: 5, width: 4), .interleaved)]),
  ]

  /// The default algorithm; `auto` takes Winograd from 16 channels on.
  private static let winograd: [LayerCase] = [
    LayerCase(Convolution(20, kernel: Extent(5), padding: Extent(2), bias: true), 17, 6, 5),
    LayerCase(rectified(Convolution(16, kernel: Extent(5), bias: false)), 16, 9, 8, images: 3),
    LayerCase(Convolution(33, kernel: Extent(3), padding: Extent(1), bias: true), 32, 6, 5),
    LayerCase(rectified(Convolution(32, kernel: Extent(3), padding: Extent(1), bias: false)), 40, 9, 4, images: 3),
  ]

  private static let dense: [LayerCase] = [
    LayerCase(Dense(3), 5), LayerCase(rectified(Dense(17)), 20, images: 3), LayerCase(Dense(10), 6, 3, 2),
    LayerCase(rectified(Dense(33)), 17, 2, 3, images: 5),
    LayerCase(Dense(4), [TensorType(Shape(channels: 3, height: 3, width: 5), .interleaved)]),
    LayerCase(rectified(Dense(17)), [TensorType(Shape(channels: 1, height: 5, width: 5), .interleaved)], images: 3),
  ]

  private static let norms: [LayerCase] = [
    Shape(channels: 2, height: 2, width: 3), Shape(channels: 17, height: 3, width: 5), Shape(channels: 33),
  ].flatMap { shape in
    [1, 2].flatMap { inputs in
      [BatchNorm(), rectified(BatchNorm(epsilon: 1e-3))].map { layer in
        LayerCase(layer, [TensorType](repeating: TensorType(shape), count: inputs), images: 5)
      }
    }
  }

  private static let others: [LayerCase] = [
    LayerCase(Add(), [TensorType](repeating: TensorType(Shape(channels: 17, height: 3, width: 2)), count: 2)),
    LayerCase(rectified(Add()), [TensorType](repeating: TensorType(Shape(channels: 3, height: 3, width: 2)), count: 2)),
    LayerCase(ReLU(), 3, 2, 5), LayerCase(ReLU(), 33, 3, 3),
    LayerCase(MaxPool(PoolWindows(2)), 3, 4, 6), LayerCase(MaxPool(PoolWindows(2)), 17, 5, 7),
    LayerCase(MaxPool(PoolWindows(3, stride: 2, padding: 1)), 6, 7, 6),
    LayerCase(MaxPool(PoolWindows(3, stride: 2, rounding: .up)), 3, 6, 8),
    LayerCase(MaxPool(PoolWindows(2, stride: 2, padding: 1, rounding: .up)), 20, 4, 5),
    LayerCase(AveragePool(PoolWindows(2)), 3, 4, 6),
    LayerCase(AveragePool(PoolWindows(3, stride: 2, padding: 1, rounding: .up)), 17, 6, 8),
    LayerCase(AveragePool(PoolWindows(3, stride: 2, padding: 1, rounding: .up), countPadding: false), 3, 6, 5),
    LayerCase(GlobalAveragePool(), 3, 4, 5), LayerCase(GlobalAveragePool(), 17, 17, 19, images: 1),
    LayerCase(
      Concatenate(), [16, 32, 6].map { TensorType(Shape(channels: $0, height: 3, width: 2)) }),
    LayerCase(AdaptiveAveragePool(Extent(4)), 3, 14, 11), LayerCase(AdaptiveAveragePool(Extent(3)), 17, 2, 5),
    LayerCase(Subsample(6, stride: Extent(2)), 3, 5, 4), LayerCase(Subsample(33, stride: Extent(2)), 17, 4, 3),
  ]

  /// Layers of the networks before batch normalization.
  private static let classics = activations + channelNorms + pools + leNet

  private static let activations: [LayerCase] = [
    HyperbolicTangent(), HyperbolicTangent.scaled, HyperbolicTangent(amplitude: 0.5, slope: -3), Sigmoid(),
  ].flatMap { (layer: any Layer) in
    [LayerCase(layer, 3, 2, 5), LayerCase(layer, 33, 9, 17, images: 3), LayerCase(layer, 21, images: 5)]
  }

  /// Published constants, and others at which the divisor matters: every way to take the power, windows wider than the
  /// maps and than a block.
  private static let channelNorms: [LayerCase] = {
    let powers: [(window: Int, beta: Float)] = [(3, 0.75), (5, 0.5), (1, 1), (9, 0.6), (35, 0.75)]
    let layers: [any Layer] = powers.flatMap { (window, beta) -> [any Layer] in
      [
        ResponseNormalization(window: window, bias: 0.7, alpha: 0.5, beta: beta),
        ContrastNormalization(window: window, bias: 0.5, alpha: 3, beta: beta),
      ]
    }
    return [LayerCase(ResponseNormalization(), 20, 3, 2), LayerCase(ContrastNormalization(), 20, 3, 2)]
      + layers.flatMap { [LayerCase($0, 5, 2, 3), LayerCase($0, 40, 3, 1), LayerCase($0, 17, 9, 15, images: 1)] }
  }()

  private static let pools: [LayerCase] = [
    LayerCase(L2Pool(PoolWindows(2)), 3, 4, 6), LayerCase(L2Pool(PoolWindows(2)), 17, 5, 7),
    LayerCase(L2Pool(PoolWindows(3, stride: 2, padding: 1, rounding: .up)), 6, 8, 6),
    LayerCase(AveragePool(PoolWindows(3, stride: 1, padding: 1)), 20, 4, 5),
    LayerCase(AveragePool(PoolWindows(3, stride: 1, padding: 1), countPadding: false), 3, 4, 5),
    LayerCase(AveragePool(PoolWindows(3, stride: 2), countPadding: false), 6, 8, 7),
    LayerCase(AveragePool(PoolWindows(3, stride: 2, rounding: .up)), 6, 8, 7),
  ]

  private static let leNet: [LayerCase] = [
    LayerCase(TrainedPool(kernel: Extent(2)), 3, 4, 6), LayerCase(TrainedPool(kernel: Extent(2)), 33, 5, 7),
    LayerCase(TrainedPool(kernel: Extent(rows: 3, columns: 1)), 17, 7, 3, images: 5),
    LayerCase(PartialConvolution([[0, 1], [2], [0, 2]], kernel: Extent(3)), 3, 4, 5),
    LayerCase(
      PartialConvolution((0..<19).map { [$0 % 7, 7 + $0 % 11] }, kernel: Extent(rows: 2, columns: 3)), 18, 4, 5,
      images: 3),
    LayerCase(RadialBasis(3, codes: codes(4, length: 20)), 20),
    LayerCase(RadialBasis(17, codes: codes(17, length: 84)), 84, images: 5),
  ]

  private static func codes(_ count: Int, length: Int) -> [[Float]] {
    var numbers = TestNumbers(seed: 5)
    return (0..<count).map { _ in (0..<length).map { _ in numbers.next(below: 2) == 0 ? -1 : 1 } }
  }

  private static func rectified<L: RectifiableLayer>(_ layer: L) -> any Layer {
    var layer = layer
    layer.rectify = true
    return layer
  }
}
