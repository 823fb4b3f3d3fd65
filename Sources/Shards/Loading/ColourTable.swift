import Tensors

/// A change of colours and the normalisation behind it, as one function of the bytes of a pixel: a value from a table
/// for each channel, and a share of the pixel's grey.
struct ColourTable {
  /// 256 values for each channel of the output, one channel after the other.
  private(set) var values = [768 of Float](repeating: 0)
  /// What each channel takes of the pixel's grey in 0...255; nil if nothing.
  private(set) var greyShares: SIMD3<Float>?

  /// Of pixels of `image`, over which contrast takes its mean, for a network that sees `normalization.channels`.
  init(_ change: ColourChange, of image: PixelView, _ normalization: Normalization) {
    let scale = change.brightness * change.contrast
    // Only colours that stay colours have a saturation.
    let isColoured = image.channels == 3 && normalization.channels == 3
    let own = isColoured ? scale * change.saturation : scale
    let offset = change.contrast == 1 ? 0 : change.brightness * (1 - change.contrast) * image.meanGrey
    for channel in 0..<normalization.channels {
      let shift = normalization.channels == 3 ? change.shift[channel] : ColourChange.grey(change.shift)
      let constant = offset + shift - Double(normalization.mean[channel])
      let deviation = Double(normalization.deviation[channel])
      for byte in 0..<256 {
        values[256 * channel + byte] = Float((own * (Double(byte) / 255) + constant) / deviation)
      }
    }
    guard isColoured, change.saturation != 1 else { return }
    var shares = SIMD3<Float>.zero
    for channel in 0..<3 {
      shares[channel] = Float(scale * (1 - change.saturation) / (255 * Double(normalization.deviation[channel])))
    }
    greyShares = shares
  }
}

extension PixelView {
  /// The mean grey of all pixels, in 0...1: from exact sums.
  fileprivate var meanGrey: Double {
    var sums = SIMD3<Int>.zero
    for y in 0..<size.height {
      let row = self.row(y)
      if channels == 1 {
        for x in 0..<size.width { sums[0] &+= Int(row[x]) }
        continue
      }
      var (red, green, blue) = (0 as UInt32, 0 as UInt32, 0 as UInt32)
      for x in 0..<size.width {
        red &+= UInt32(row[3 * x])
        green &+= UInt32(row[3 * x + 1])
        blue &+= UInt32(row[3 * x + 2])
      }
      sums &+= SIMD3(Int(red), Int(green), Int(blue))
    }
    let total = Double(size.count) * 255
    guard channels == 3 else { return Double(sums[0]) / total }
    return ColourChange.grey(SIMD3(Double(sums[0]), Double(sums[1]), Double(sums[2]))) / total
  }
}
