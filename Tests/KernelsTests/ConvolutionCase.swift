import Kernels
import Tensors
import TestSupport
import Testing

/// One convolution to test.
struct ConvolutionCase: CustomTestStringConvertible {
  var images = 2
  var source: Shape
  var layout = Layout.blocked
  var outputs: Int
  var kernel: Extent
  var stride = Extent(1)
  var padding = Extent(0)
  var dilation = Extent(1)

  var shape: ConvolutionShape {
    ConvolutionShape(
      images: images, source: source, layout: layout, outputChannels: outputs, kernel: kernel, stride: stride,
      padding: padding, dilation: dilation)
  }

  var window: Window { Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation) }

  var testDescription: String {
    "\(images)× \(source) \(layout) → \(outputs), kernel \(kernel), stride \(stride), padding \(padding)"
      + (dilation == Extent(1) ? "" : ", dilation \(dilation)")
  }

  /// Every awkward thing at least once, then many at random.
  static let all = chosen + random(60) + dilated + randomlyDilated(50)

  private static let chosen: [ConvolutionCase] = [
    // Channels around the block.
    .init(images: 1, source: Shape(channels: 1, height: 5, width: 7), outputs: 1, kernel: Extent(1)),
    .init(source: Shape(channels: 16, height: 7, width: 9), outputs: 17, kernel: Extent(3), padding: Extent(1)),
    .init(source: Shape(channels: 17, height: 6, width: 5), outputs: 33, kernel: Extent(3), padding: Extent(1)),
    .init(images: 5, source: Shape(channels: 50, height: 5, width: 5), outputs: 20, kernel: Extent(5)),
    .init(
      images: 1, source: Shape(channels: 64, height: 9, width: 11), outputs: 64, kernel: Extent(3), padding: Extent(1)),
    // Pointwise: joined rows, and planes too large to join.
    .init(images: 5, source: Shape(channels: 33, height: 7, width: 7), outputs: 50, kernel: Extent(1)),
    .init(images: 1, source: Shape(channels: 17, height: 33, width: 37), outputs: 16, kernel: Extent(1)),
    .init(source: Shape(channels: 33, height: 9, width: 8), outputs: 17, kernel: Extent(1), stride: Extent(2)),
    .init(source: Shape(channels: 16, height: 9, width: 10), outputs: 10, kernel: Extent(1), stride: Extent(3)),
    .init(source: Shape(channels: 6, height: 9, width: 10), outputs: 16, kernel: Extent(1), padding: Extent(1)),
    // Rows wider than any tile.
    .init(
      images: 1, source: Shape(channels: 16, height: 3, width: 61), outputs: 32, kernel: Extent(3), padding: Extent(1)),
    // Strides, with and without a rest, and steps that skip pixels.
    .init(
      source: Shape(channels: 20, height: 11, width: 13), outputs: 33, kernel: Extent(3), stride: Extent(2),
      padding: Extent(1)),
    .init(
      source: Shape(channels: 16, height: 12, width: 10), outputs: 16, kernel: Extent(3), stride: Extent(4),
      padding: Extent(1)),
    .init(source: Shape(channels: 3, height: 11, width: 9), outputs: 6, kernel: Extent(2), stride: Extent(3)),
    // More phases than one walk takes.
    .init(source: Shape(channels: 17, height: 16, width: 13), outputs: 20, kernel: Extent(6), stride: Extent(5)),
    .init(
      source: Shape(channels: 10, height: 13, width: 12), outputs: 16, kernel: Extent(5), stride: Extent(3),
      padding: Extent(2)),
    .init(
      source: Shape(channels: 17, height: 9, width: 13), outputs: 20, kernel: Extent(rows: 3, columns: 2),
      stride: Extent(rows: 1, columns: 4), padding: Extent(rows: 0, columns: 1)),
    // Kernels as large as the source, and larger than it without padding.
    .init(source: Shape(channels: 16, height: 5, width: 5), outputs: 17, kernel: Extent(5)),
    .init(source: Shape(channels: 16, height: 4, width: 3), outputs: 16, kernel: Extent(7), padding: Extent(3)),
    .init(source: Shape(channels: 3, height: 2, width: 1), outputs: 3, kernel: Extent(3), padding: Extent(1)),
    // More padding than the kernel needs.
    .init(
      source: Shape(channels: 6, height: 4, width: 5), outputs: 16, kernel: Extent(2), stride: Extent(2),
      padding: Extent(3)),
    // Not square.
    .init(
      source: Shape(channels: 16, height: 6, width: 9), outputs: 16, kernel: Extent(rows: 1, columns: 7),
      padding: Extent(rows: 0, columns: 3)),
    .init(
      source: Shape(channels: 20, height: 9, width: 6), outputs: 10, kernel: Extent(rows: 7, columns: 1),
      stride: Extent(rows: 2, columns: 1), padding: Extent(rows: 3, columns: 0)),
    // Many source blocks: more than one chunk of weights.
    .init(
      images: 1, source: Shape(channels: 300, height: 3, width: 3), outputs: 17, kernel: Extent(3), padding: Extent(1)),
    .init(
      images: 1, source: Shape(channels: 96, height: 7, width: 7), outputs: 16, kernel: Extent(11), padding: Extent(5)),
    // Many images per task, and a rest.
    .init(
      images: 37, source: Shape(channels: 16, height: 3, width: 3), outputs: 16, kernel: Extent(3), padding: Extent(1)),
    // More than one band.
    .init(
      images: 1, source: Shape(channels: 20, height: 70, width: 75), outputs: 6, kernel: Extent(3), padding: Extent(1)),
    .init(
      images: 1, source: Shape(channels: 16, height: 81, width: 60), outputs: 16, kernel: Extent(3), stride: Extent(2)),
    // Images as they enter a network.
    .init(
      images: 5, source: Shape(channels: 1, height: 28, width: 28), layout: .interleaved, outputs: 6, kernel: Extent(5),
      padding: Extent(2)),
    .init(
      source: Shape(channels: 3, height: 33, width: 35), layout: .interleaved, outputs: 64, kernel: Extent(7),
      stride: Extent(2), padding: Extent(3)),
    .init(
      images: 1, source: Shape(channels: 3, height: 47, width: 45), layout: .interleaved, outputs: 33,
      kernel: Extent(11), stride: Extent(4), padding: Extent(2)),
    .init(
      source: Shape(channels: 3, height: 13, width: 12), layout: .interleaved, outputs: 16, kernel: Extent(3),
      padding: Extent(1)),
    .init(
      source: Shape(channels: 3, height: 13, width: 12), layout: .interleaved, outputs: 16, kernel: Extent(3),
      stride: Extent(3)),
    .init(
      source: Shape(channels: 6, height: 9, width: 11), layout: .interleaved, outputs: 17, kernel: Extent(2),
      stride: Extent(2)),
    .init(
      source: Shape(channels: 20, height: 7, width: 9), layout: .interleaved, outputs: 10, kernel: Extent(3),
      padding: Extent(1)),
    .init(source: Shape(channels: 4, height: 7, width: 9), layout: .interleaved, outputs: 1, kernel: Extent(1)),
  ]

  private static func random(_ count: Int) -> [ConvolutionCase] {
    var numbers = TestNumbers(seed: 11)
    func pick<T>(_ choices: [T]) -> T { choices[numbers.next(below: choices.count)] }
    var cases: [ConvolutionCase] = []
    while cases.count < count {
      let layout = pick([Layout.blocked, .blocked, .interleaved])
      let sizes = [1, 2, 3, 5, 7, 11]
      let square = Extent(pick(sizes))
      let kernel = pick([square, square, Extent(rows: pick(sizes), columns: pick(sizes))])
      let stride = pick([
        Extent(1), Extent(2), Extent(3), Extent(4), Extent(rows: pick([1, 2]), columns: pick([1, 3])),
      ])
      let most = Extent(rows: (kernel.rows + 1) / 2, columns: (kernel.columns + 1) / 2)
      let padding = Extent(rows: numbers.next(below: most.rows + 1), columns: numbers.next(below: most.columns + 1))
      let source = Shape(
        channels: layout == .blocked ? pick([1, 3, 6, 10, 16, 17, 20, 33, 50]) : pick([1, 3, 4, 6, 10]),
        height: pick([1, 4, 7, 9, 12, 15]), width: pick([1, 3, 5, 8, 13, 17, 31]))
      guard source.height + 2 * padding.rows >= kernel.rows, source.width + 2 * padding.columns >= kernel.columns else {
        continue
      }
      let next = ConvolutionCase(
        images: pick([1, 2, 5]), source: source, layout: layout, outputs: pick([1, 3, 6, 10, 16, 17, 20, 33, 50, 64]),
        kernel: kernel, stride: stride, padding: padding)
      if next.shape.multiplyAdds < 1_500_000 { cases.append(next) }
    }
    return cases
  }
}
