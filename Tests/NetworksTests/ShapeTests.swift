import Networks
import Tensors
import TestSupport
import Testing

@Suite("Shapes")
struct ShapeTests {
  static let windows: [(size: Int, kernel: Int, stride: Int, padding: Int)] = {
    var all: [(size: Int, kernel: Int, stride: Int, padding: Int)] = []
    for kernel in 1...5 {
      for stride in 1...4 {
        for padding in 0...kernel / 2 {
          for size in max(1, kernel - 2 * padding)...12 { all.append((size, kernel, stride, padding)) }
        }
      }
    }
    return all
  }()

  @Test(arguments: [PoolRounding.down, .up])
  func poolingRoundsAsPyTorchDoes(_ rounding: PoolRounding) throws {
    for (size, kernel, stride, padding) in Self.windows {
      let layer = MaxPool(
        PoolWindows(kernel, stride: stride, padding: padding, rounding: rounding))
      let output = try layer.output(of: [Shape(channels: 3, height: size, width: size)])
      let expected = Oracle.pooledSize(size, kernel: kernel, stride: stride, padding: padding, up: rounding == .up)
      #expect(output == Shape(channels: 3, height: expected, width: expected))
      // PyTorch's formula.
      let room = size + 2 * padding - kernel
      var formula = (rounding == .up ? (room + stride - 1) / stride : room / stride) + 1
      if rounding == .up, (formula - 1) * stride >= size + padding { formula -= 1 }
      #expect(expected == formula)
    }
  }

  /// Errors say which layer, and what does not fit with what.
  @Test func wrongShapesAreSentences() {
    let image = Shape(channels: 3, height: 8, width: 8)
    func message(_ build: (inout Network) -> Void) -> String {
      var network = Network("sample", input: image)
      build(&network)
      do {
        _ = try network.validated()
        return "no error"
      } catch { return error.description }
    }
    #expect(
      message { $0.convolution(0, 4, kernel: 9, name: "conv") }
        == "sample for 3×8×8 images: conv: a 9×9 kernel does not fit into 3×8×8 with padding 0.")
    #expect(
      message { $0.convolution(0, 4, kernel: 3, padding: 1, dilation: 5, name: "conv") }
        == "sample for 3×8×8 images: conv: a 3×3 kernel of dilation 5 does not fit into 3×8×8 with padding 1.")
    #expect(
      message { $0.convolution(0, 4, kernel: 3, groups: 2, name: "conv") }
        == "sample for 3×8×8 images: conv: 3 channels and 4 outputs cannot be cut into 2 groups.")
    #expect(
      message { $0.convolution(0, 4, kernel: Extent(3), stride: Extent(rows: 1, columns: 0), name: "conv") }
        == "sample for 3×8×8 images: conv: a stride of 1×0 is not possible; it must be at least 1.")
    #expect(
      message { net in
        let a = net.convolution(0, 4, kernel: 3, name: "a")
        let b = net.convolution(0, 5, kernel: 3, name: "b")
        _ = net.scope("block") { $0.add(Add(), to: [a, b], name: "sum") }
      } == "sample for 3×8×8 images: block.sum: 4×6×6 and 5×6×6 cannot be added.")
    #expect(
      message { net in
        let a = net.convolution(0, 4, kernel: 3, name: "a")
        net.add(MaxPool(PoolWindows(7)), to: [a], name: "pool")
      } == "sample for 3×8×8 images: pool: a 7×7 window does not fit into 4×6×6 with padding 0.")
    #expect(
      message { net in
        let a = net.convolution(0, 4, kernel: 3, name: "a")
        net.add(MaxPool(PoolWindows(2, padding: 2)), to: [a], name: "pool")
      } == "sample for 3×8×8 images: pool: padding 2 is more than half of the 2×2 window.")
    for (windows, sentence) in [
      (PoolWindows(2, stride: 0), "a stride of 0 is not possible; it must be at least 1."),
      (
        PoolWindows(kernel: Extent(rows: 0, columns: 2), stride: Extent(1)),
        "a window of 0×2 is not possible; it must be at least 1."
      ),
      (PoolWindows(2, padding: -1), "a padding of -1 is not possible; it must be at least 0."),
    ] {
      #expect(
        message { net in
          let a = net.convolution(0, 4, kernel: 3, name: "a")
          net.add(MaxPool(windows), to: [a], name: "pool")
        } == "sample for 3×8×8 images: pool: \(sentence)")
    }
    #expect(
      message { net in
        let a = net.convolution(0, 4, kernel: 3, name: "a")
        net.add(Subsample(3, stride: Extent(2)), to: [a], name: "shortcut")
      } == "sample for 3×8×8 images: shortcut: 4×6×6 cannot be brought to 3 channels by adding zeros.")
    #expect(
      message { net in
        let a = net.convolution(0, 4, kernel: 3, name: "a")
        net.add(Subsample(3, stride: Extent(2)), to: [a], name: "first")
        net.add(Subsample(2, stride: Extent(2)), to: [a], name: "second")
      }.contains("first:"))
  }

  @Test(arguments: [
    (ResponseNormalization(window: 4) as any Layer, "a window of 4 maps has no middle; take an odd number."),
    (
      ContrastNormalization(bias: 0),
      "bias 0.0 must be above 0 and alpha 0.0005 not below, or maps of zeros are divided by 0."
    ),
    (HyperbolicTangent(amplitude: 0), "an amplitude of 0 leaves nothing."),
    (L2Pool(PoolWindows(7)), "a 7×7 window does not fit into 4×6×6 with padding 0."),
    (TrainedPool(kernel: Extent(8)), "a 8×8 window does not fit into 4×6×6 with padding 0."),
    (
      PartialConvolution([[0], [4]], kernel: Extent(1)), "its table of connections does not fit to the 4 maps of 4×6×6."
    ),
    (
      PartialConvolution([[1, 0]], kernel: Extent(1)),
      "its table of connections does not name the sources of each map in rising order."
    ),
    (PartialConvolution([[0]], kernel: Extent(9)), "a 9×9 kernel does not fit into 4×6×6 with padding 0."),
    (RadialBasis(2, codes: [[1, -1], [1, 1]]), "codes of 2 values cannot be compared with 4×6×6."),
    (RadialBasis(3, codes: [[1, -1], [1, 1]]), "there are codes of 2 classes, not of 3."),
  ])
  func classicsRefuse(_ layer: any Layer, _ sentence: String) {
    var network = Network("sample", input: Shape(channels: 3, height: 8, width: 8))
    network.add(layer, to: [network.convolution(0, 4, kernel: 3, name: "a")], name: "b")
    let error = #expect(throws: ShapeError.self) { try network.validated() }
    #expect(error?.description == "sample for 3×8×8 images: b: \(sentence)")
  }

  /// A sequence keeps its one row; lengths are PyTorch's of Conv1d.
  @Test(arguments: [(100, 3, 1, 1, 1), (100, 5, 2, 0, 1), (97, 4, 3, 2, 2), (31, 3, 1, 0, 4)])
  func sequencesAreRows(length: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) throws {
    var net = Network("sample", input: Shape(channels: 2, height: 1, width: length))
    let a = net.convolution1D(0, 6, kernel: 3, padding: 1, name: "a")
    net.convolution1D(
      a, 8, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: 2, name: "b")
    let expected = (length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
    #expect(try net.validated().nodes[2].type.shape == Shape(channels: 8, height: 1, width: expected))
  }

  /// The images are interleaved: only layers that read them so may come first.
  @Test(
    arguments: [
      ReLU(), MaxPool(PoolWindows(2)), GlobalAveragePool(), BatchNorm(), Subsample(3, stride: Extent(1)),
      Sigmoid(), ResponseNormalization(), PartialConvolution([[0]], kernel: Extent(1)), TrainedPool(kernel: Extent(2)),
    ]
      as [any Layer])
  func imagesGoIntoConvolutionOrDense(_ layer: any Layer) {
    var network = Network("sample", input: Shape(channels: 3, height: 8, width: 8))
    network.add(layer, to: [0], name: "first")
    do {
      _ = try network.validated()
      Issue.record("\(layer.kind) took interleaved images.")
    } catch {
      #expect(
        error.description
          == "sample for 3×8×8 images: first: \(layer.kind) cannot read the images themselves; "
          + "begin with a convolution or a dense layer."
      )
    }
  }

  @Test func goodShapesPass() throws {
    for entry in ModelCatalog.entries { _ = try entry.build(ModelOptions()).validated() }
  }
}
