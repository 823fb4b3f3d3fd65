import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

/// Examples of the kind that a course works out by hand, through the public layers.
@Suite("Layers give what the course works out")
struct WorkedExampleTests {
  static let binary = TensorType(Shape(channels: 1, height: 6, width: 6), .interleaved)
  static let image: [Double] = [
    1, 0, 0, 0, 0, 1,
    0, 1, 0, 0, 1, 0,
    0, 0, 1, 1, 0, 0,
    1, 0, 0, 0, 1, 0,
    0, 1, 0, 0, 1, 0,
    0, 0, 1, 0, 1, 0,
  ]
  /// A falling diagonal and a vertical line.
  static let filters: [Double] = [1, -1, -1, -1, 1, -1, -1, -1, 1] + [-1, 1, -1, -1, 1, -1, -1, 1, -1]

  @Test func filtersOfStride1() throws {
    let maps = try output(
      of: Convolution(2, kernel: Extent(3), bias: false), on: Self.binary, Self.image, parameters: [Self.filters])
    #expect(
      maps == [
        3, -1, -3, -1, -3, 1, 0, -3, -3, -3, 0, 1, 3, -2, -2, -1,
        -1, -1, -1, -1, -1, -1, -2, 1, -1, -1, -2, 1, -1, 0, -4, 3,
      ])
  }

  @Test func filtersOfStride2() throws {
    let maps = try output(
      of: Convolution(2, kernel: Extent(3), stride: Extent(2), bias: false), on: Self.binary, Self.image,
      parameters: [Self.filters])
    #expect(maps == [3, -3, -3, 0, -1, -1, -1, -2])
  }

  static let square = TensorType(Shape(channels: 1, height: 4, width: 4))
  static let numbers: [Double] = [12, 20, 30, 0, 8, 12, 2, 0, 34, 70, 37, 4, 112, 100, 25, 12]

  @Test func maxPooling() throws {
    let pool = MaxPool(PoolWindows(2))
    let small: [Double] = [5, 8, 2, 1, 4, 3, 7, 9, 3, 7, 3, 5, 6, 2, 2, 0]
    #expect(try output(of: pool, on: Self.square, small) == [8, 9, 7, 5])
    #expect(try output(of: pool, on: Self.square, Self.numbers) == [20, 30, 112, 37])
  }

  @Test func averagePooling() throws {
    #expect(try output(of: AveragePool(PoolWindows(2)), on: Self.square, Self.numbers) == [13, 8, 79, 19.5])
  }

  /// The gradient of cross entropy is softmax less one at the label.
  @Test func softmax() {
    let logits: [Float] = [6, 0, 5, 3, 8]
    let scores = Arena(count: vectorWidth)
    let gradient = Arena(count: vectorWidth)
    let losses = Arena(count: vectorWidth)
    for (place, logit) in logits.enumerated() { scores.floats[place] = logit }
    var rank: Int32 = 0
    LossFunction.crossEntropy(smoothing: 0).run(
      on: Processor(kernels: .fastest, team: Team(size: 1)), images: 1, classes: logits.count, logits: scores.floats,
      labels: [4], losses: losses.floats, ranks: &rank, gradient: gradient.floats, gradientScale: 1)
    let expected = [0.113517669, 0.000281382168, 0.0417608165, 0.00565171192, 0.838788421]
    for (place, probability) in expected.enumerated() {
      let softmax = Double(gradient.floats[place]) + (place == 4 ? 1 : 0)
      #expect(abs(softmax - probability) < 2e-7)
    }
  }

  /// A window of three over one or two sequences, to one or two.
  @Test(arguments: [(1, 1, 3), (1, 2, 6), (2, 1, 6), (2, 2, 12)])
  func sequences(_ example: (inputs: Int, outputs: Int, weights: Int)) {
    let layer = Convolution(example.outputs, kernel: Extent(rows: 1, columns: 3), bias: false)
    let sequence = TensorType(Shape(channels: example.inputs, height: 1, width: 10))
    #expect(layer.parameters(of: [sequence]).reduce(0) { $0 + $1.mapping.count } == example.weights)
  }

  private func output(
    of layer: any Layer, on input: TensorType, _ values: [Double], parameters: [[Double]] = []
  ) throws -> [Double] {
    let result = try LayerData(layer, on: input, values: values, parameters: parameters).run(accumulate: false)
    #expect(result.faults.isEmpty, "\(result.faults)")
    return result.output.values
  }
}
