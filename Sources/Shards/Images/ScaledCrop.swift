import Tensors

/// A random part of an image that was resized so that its shorter side has a random number of pixels.
struct ScaledCrop {
  var across: ResampleAxis
  var down: ResampleAxis

  /// Three draws: the shorter side, uniform in `shorterSide`; the first row; the first column, each uniform over all
  /// places at which `crop` fits into the resized image or, if that is asked for, into its middle square.
  ///
  /// `crop` is not larger than the least shorter side.
  init(
    of source: PixelSize, shorterSide: ClosedRange<Int>, inCentreSquare: Bool, crop: PixelSize,
    _ random: inout RandomStream
  ) {
    let side = shorterSide.lowerBound + random.next(below: shorterSide.count)
    let resized = source.resized(shorterSide: side)
    /// The first pixel of a crop of `crop` pixels along a side of `resized` ones.
    func first(_ resized: Int, _ crop: Int) -> Int {
      let room = inCentreSquare ? side : resized
      let margin = Int((Double(resized - room) / 2).rounded(.toNearestOrEven))
      return margin + random.next(below: room - crop + 1)
    }
    let top = first(resized.height, crop.height)
    let left = first(resized.width, crop.width)
    across = ResampleAxis(resizing: 0..<source.width, to: resized.width, targets: left..<left + crop.width)
    down = ResampleAxis(resizing: 0..<source.height, to: resized.height, targets: top..<top + crop.height)
  }
}
