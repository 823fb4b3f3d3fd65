import Networks
import Tensors
import Testing

/// What operations say of their passes, against counts by hand.
@Suite("Traffic")
struct TrafficTests {
  /// One pass of a layer on `images` images, and the floats that it should read and write.
  struct Case: CustomTestStringConvertible {
    let name: String
    let layer: any Layer
    let inputs: [TensorType]
    let pass: Pass
    var gradients: [NodeTensors.Gradient] = [.written]
    var joined: [Bool]?
    var training = true
    let read: [Int]
    let written: [Int]

    var testDescription: String { "\(name), \(pass.rawValue)" }
  }

  static let images = 3
  /// 17 channels lie in 32.
  static let narrow = TensorType(Shape(channels: 17, height: 4, width: 6))
  static let x = 3 * 32 * 24

  static let convolutions: [Case] = {
    let inputs = [TensorType(Shape(channels: 32, height: 8, width: 6))]
    let weights = 64 * 32 * 9
    let source = 3 * 32 * 48
    let output = 3 * 64 * 48
    var layer = Convolution(64, kernel: Extent(3), padding: Extent(1), bias: true)
    layer.rectify = true
    let pixels = [TensorType(Shape(channels: 3, height: 8, width: 6), .interleaved)]
    let first = Convolution(64, kernel: Extent(3), padding: Extent(1), bias: false)
    return [
      Case(
        name: "convolution", layer: layer, inputs: inputs, pass: .forward, read: [source, weights, 64],
        written: [output]),
      // The output for its rectifier; the bias is not read.
      Case(
        name: "convolution", layer: layer, inputs: inputs, pass: .backward, read: [output, output, source, weights],
        written: [source, weights, 64]),
      Case(
        name: "convolution of a shared input", layer: layer, inputs: inputs, pass: .backward, gradients: [.accumulated],
        read: [output, output, source, weights, source], written: [source, weights, 64]),
      // Images have no gradient, so the weights are not read.
      Case(
        name: "convolution of images", layer: first, inputs: pixels, pass: .backward, gradients: [.absent],
        read: [output, 3 * 3 * 48], written: [64 * 3 * 9]),
    ]
  }()

  static let norms: [Case] = {
    var layer = BatchNorm()
    layer.rectify = true
    let pair = [narrow, narrow]
    return [
      // Statistics before normalization: the input twice. Written beside the output: mean, deviation, scale and
      // shift for backward, mean and variance for the running statistics.
      Case(
        name: "batch norm", layer: BatchNorm(), inputs: [narrow], pass: .forward, read: [x, x, 32, 32],
        written: [x, 4 * 32, 2 * 32]),
      Case(
        name: "batch norm in evaluation", layer: BatchNorm(), inputs: [narrow], pass: .forward, training: false,
        read: [x, 32, 32, 2 * 32], written: [x]),
      Case(
        name: "batch norm + add + relu", layer: layer, inputs: pair, pass: .forward, read: [x, x, x, 32, 32],
        written: [x, 4 * 32, 2 * 32]),
      // Input, gradient and output twice, the scale, what was saved.
      Case(
        name: "batch norm + add + relu", layer: layer, inputs: pair, pass: .backward,
        gradients: [.written, .accumulated], read: [2 * x, 2 * x, 2 * x, 32, 4 * 32, x], written: [x, x, 32, 32]),
      // A residual's gradient of its own is the gradient behind the rectifier: the second sweep needs no output.
      Case(
        name: "batch norm + add + relu", layer: layer, inputs: pair, pass: .backward, gradients: [.written, .written],
        read: [2 * x, 2 * x, x, 32, 4 * 32], written: [x, x, 32, 32]),
      Case(
        name: "batch norm", layer: BatchNorm(), inputs: [narrow], pass: .backward, read: [2 * x, 2 * x, 32, 4 * 32],
        written: [x, 32, 32]),
    ]
  }()

  static let concatenations: [Case] = {
    let inputs = [16, 32, 17].map { TensorType(Shape(channels: $0, height: 4, width: 6)) }
    let (a, b, c) = (3 * 16 * 24, 3 * 32 * 24, x)
    let gradients = [NodeTensors.Gradient.written, .accumulated, .written]
    return [
      Case(
        name: "concatenate", layer: Concatenate(), inputs: inputs, pass: .forward, gradients: gradients,
        read: [a, b, c], written: [a, b, c]),
      Case(
        name: "concatenate", layer: Concatenate(), inputs: inputs, pass: .backward, gradients: gradients,
        read: [a, b, b, c], written: [a, b, c]),
      // What is in its place already is not moved.
      Case(
        name: "concatenate in place", layer: Concatenate(), inputs: inputs, pass: .forward, gradients: gradients,
        joined: [true, false, true], read: [b], written: [b]),
      Case(
        name: "concatenate in place", layer: Concatenate(), inputs: inputs, pass: .backward, gradients: gradients,
        joined: [true, false, true], read: [b, b], written: [b]),
    ]
  }()

  static let others: [Case] = {
    let pooled = 3 * 32 * 6
    var dense = Dense(10)
    dense.rectify = true
    return [
      Case(name: "dense", layer: dense, inputs: [narrow], pass: .forward, read: [x, 768 * 16, 16], written: [3 * 16]),
      Case(
        name: "dense", layer: dense, inputs: [narrow], pass: .backward, read: [3 * 16, 3 * 16, x, 768 * 16],
        written: [x, 768 * 16, 16]),
      // A byte tells each winner.
      Case(
        name: "max pool", layer: MaxPool(PoolWindows(2)), inputs: [narrow], pass: .forward, read: [x],
        written: [pooled, pooled / 4]),
      Case(
        name: "max pool", layer: MaxPool(PoolWindows(2)), inputs: [narrow], pass: .backward,
        read: [pooled, pooled / 4], written: [x]),
      Case(name: "relu", layer: ReLU(), inputs: [narrow], pass: .backward, read: [x, x], written: [x]),
      Case(
        name: "add", layer: Add(), inputs: [narrow, narrow], pass: .backward, gradients: [.written, .accumulated],
        read: [x, x], written: [x, x]),
      Case(
        name: "subsample", layer: Subsample(40, stride: Extent(2)), inputs: [narrow], pass: .forward, read: [pooled],
        written: [3 * 48 * 6]),
      Case(
        name: "subsample", layer: Subsample(40, stride: Extent(2)), inputs: [narrow], pass: .backward, read: [pooled],
        written: [x]),
      Case(
        name: "subsample of a shared input", layer: Subsample(40, stride: Extent(2)), inputs: [narrow], pass: .backward,
        gradients: [.accumulated], read: [pooled, pooled], written: [pooled]),
    ]
  }()

  @Test(arguments: convolutions + norms + concatenations + others)
  func isAsCountedByHand(_ test: Case) throws {
    let (operation, tensors) = try Self.parts(
      test.layer, test.inputs, images: Self.images, gradients: test.gradients, joined: test.joined,
      training: test.training)
    let traffic = operation.traffic(of: test.pass, on: tensors)
    #expect(traffic.readBytes == 4 * test.read.reduce(0, +))
    #expect(traffic.writtenBytes == 4 * test.written.reduce(0, +))
  }

  /// Products say how they are computed, and count their multiply-adds: again for the weights, and for each input that
  /// has a gradient.
  @Test(arguments: LayerCase.all)
  func operationsFollowMultiplyAdds(_ test: LayerCase) throws {
    let product = 2 * test.images * test.layer.multiplyAdds(of: test.inputs.map(\.shape))
    for gradient in [NodeTensors.Gradient.absent, .written, .accumulated] {
      let (operation, tensors) = try Self.parts(
        test.layer, test.inputs, images: test.images, gradients: test.inputs.map { _ in gradient }, training: true)
      #expect(operation.flops(of: .forward, on: tensors) == product)
      #expect(operation.flops(of: .backward, on: tensors) == (gradient == .absent ? 1 : 2) * product)
      for pass in Pass.allCases { #expect(operation.algorithm(of: pass).isEmpty == (product == 0)) }
    }
  }

  @Test func algorithmsAreNamed() throws {
    let input = [TensorType(Shape(channels: 32, height: 8, width: 8))]
    func name(_ layer: any Layer) -> String { layer.operation(on: input, images: 1).algorithm(of: .backward) }
    var convolution = Convolution(32, kernel: Extent(3), padding: Extent(1), bias: false)
    #expect(name(convolution) == "winograd 4x4 3x3")
    convolution.algorithm = .direct
    #expect(name(convolution) == "direct")
    convolution.groups = 2
    #expect(name(convolution) == "direct")
    convolution.algorithm = .auto
    #expect(name(convolution) == "winograd 4x4 3x3")
    convolution.groups = 32
    #expect(name(convolution) == "depthwise")
    #expect(name(LocallyConnected(4, kernel: Extent(3), bias: true)) == "gemm")
    #expect(name(Dense(3)) == "gemm")
  }

  private static func parts(
    _ layer: any Layer, _ inputs: [TensorType], images: Int, gradients: [NodeTensors.Gradient],
    joined: [Bool]? = nil, training: Bool
  ) throws -> (any Operation, NodeTensors) {
    let output = TensorType(try layer.output(of: inputs.map(\.shape)))
    let tensors = NodeTensors(
      layer, on: inputs, output: output, images: images, gradients: gradients, joined: joined,
      training: training)
    return (layer.operation(on: inputs, images: images), tensors)
  }
}
