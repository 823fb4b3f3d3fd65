import Kernels
import Tensors
import TestSupport

extension ConvolutionCase {
  /// Taps apart: on both axes or one, with strides that have common divisors with the dilation and without, beside
  /// padding, and on images.
  static let dilated: [ConvolutionCase] = [
    .init(
      source: Shape(channels: 16, height: 11, width: 13), outputs: 33, kernel: Extent(3), padding: Extent(2),
      dilation: Extent(2)),
    .init(source: Shape(channels: 33, height: 12, width: 9), outputs: 17, kernel: Extent(3), dilation: Extent(3)),
    .init(
      source: Shape(channels: 17, height: 9, width: 40), outputs: 20, kernel: Extent(3),
      padding: Extent(rows: 1, columns: 4), dilation: Extent(rows: 1, columns: 4)),
    .init(
      source: Shape(channels: 20, height: 15, width: 8), outputs: 16, kernel: Extent(3),
      padding: Extent(rows: 5, columns: 1), dilation: Extent(rows: 5, columns: 1)),
    .init(
      source: Shape(channels: 16, height: 13, width: 14), outputs: 16, kernel: Extent(3), stride: Extent(2),
      padding: Extent(2), dilation: Extent(2)),
    .init(
      source: Shape(channels: 20, height: 14, width: 13), outputs: 17, kernel: Extent(4), stride: Extent(2),
      padding: Extent(3), dilation: Extent(3)),
    .init(
      source: Shape(channels: 16, height: 25, width: 27), outputs: 20, kernel: Extent(3), stride: Extent(4),
      padding: Extent(5), dilation: Extent(6)),
    .init(
      source: Shape(channels: 17, height: 23, width: 20), outputs: 16, kernel: Extent(rows: 2, columns: 3),
      stride: Extent(rows: 6, columns: 3), padding: Extent(rows: 1, columns: 7),
      dilation: Extent(rows: 4, columns: 6)),
    // More phases than one walk takes, some without taps.
    .init(
      source: Shape(channels: 10, height: 21, width: 19), outputs: 16, kernel: Extent(4), stride: Extent(6),
      padding: Extent(1), dilation: Extent(3)),
    // A pointwise kernel has no taps to set apart.
    .init(source: Shape(channels: 33, height: 7, width: 7), outputs: 50, kernel: Extent(1), dilation: Extent(3)),
    .init(
      source: Shape(channels: 16, height: 9, width: 8), outputs: 16, kernel: Extent(1), stride: Extent(2),
      dilation: Extent(2)),
    // One row; more than one band; more than one chunk of weights.
    .init(
      source: Shape(channels: 17, height: 1, width: 50), outputs: 33, kernel: Extent(rows: 1, columns: 5),
      padding: Extent(rows: 0, columns: 8), dilation: Extent(rows: 1, columns: 4)),
    .init(
      images: 1, source: Shape(channels: 20, height: 70, width: 75), outputs: 6, kernel: Extent(3), padding: Extent(2),
      dilation: Extent(2)),
    .init(
      images: 1, source: Shape(channels: 300, height: 5, width: 5), outputs: 17, kernel: Extent(3), padding: Extent(2),
      dilation: Extent(2)),
    .init(
      source: Shape(channels: 3, height: 21, width: 19), layout: .interleaved, outputs: 17, kernel: Extent(3),
      padding: Extent(2), dilation: Extent(2)),
    .init(
      source: Shape(channels: 4, height: 21, width: 19), layout: .interleaved, outputs: 6, kernel: Extent(5),
      stride: Extent(2), padding: Extent(3), dilation: Extent(rows: 2, columns: 3)),
  ]

  static func randomlyDilated(_ count: Int) -> [ConvolutionCase] {
    var numbers = TestNumbers(seed: 23)
    func pick<T>(_ choices: [T]) -> T { choices[numbers.next(below: choices.count)] }
    func extent(_ choices: [Int]) -> Extent { Extent(rows: pick(choices), columns: pick(choices)) }
    var cases: [ConvolutionCase] = []
    while cases.count < count {
      let layout = pick([Layout.blocked, .blocked, .interleaved])
      let next = ConvolutionCase(
        images: pick([1, 2, 5]),
        source: Shape(
          channels: layout == .blocked ? pick([1, 3, 10, 16, 17, 33]) : pick([1, 3, 4]),
          height: pick([1, 5, 9, 14, 19]), width: pick([1, 6, 11, 20, 31])), layout: layout,
        outputs: pick([1, 6, 16, 17, 33]), kernel: extent([1, 2, 3, 5]), stride: extent([1, 1, 2, 3, 4]),
        padding: extent([0, 1, 2, 4]), dilation: extent([1, 2, 3, 4, 6]))
      let reach = Extent(
        rows: (next.kernel.rows - 1) * next.dilation.rows + 1,
        columns: (next.kernel.columns - 1) * next.dilation.columns + 1)
      guard next.source.height + 2 * next.padding.rows >= reach.rows,
        next.source.width + 2 * next.padding.columns >= reach.columns
      else { continue }
      if next.shape.multiplyAdds < 1_000_000 { cases.append(next) }
    }
    return cases
  }
}
