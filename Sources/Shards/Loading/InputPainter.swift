import Tensors

/// Paints decoded images into a network's input: resamples, shifts, mirrors, changes colours, converts between grey and
/// RGB, normalises.
struct InputPainter {
  /// The input that is painted.
  var output: Shape
  private let normalization: Normalization
  private var resampler = Resampler()
  private var resampled: [UInt8] = []

  init(output: Shape, normalization: Normalization) {
    self.output = output
    self.normalization = normalization
  }

  /// Writes height × width × channels floats, interleaved.
  mutating func paint(
    _ image: PixelView, _ frame: Frame, _ colours: ColourChange? = nil, into input: UnsafeMutablePointer<Float>
  ) {
    if let left = frame.across.copiedFrom, let top = frame.down.copiedFrom {
      let part = PixelSize(width: frame.across.targets.count, height: frame.down.targets.count)
      place(image.part(left: left, top: top, size: part), frame, colours, into: input)
      return
    }
    let size = resampler.resample(image, frame.across, frame.down, into: &resampled)
    resampled.withUnsafeBufferPointer {
      place(PixelView($0, size, channels: image.channels), frame, colours, into: input)
    }
  }

  private func place(
    _ image: PixelView, _ frame: Frame, _ colours: ColourChange?, into input: UnsafeMutablePointer<Float>
  ) {
    guard let colours else {
      normalization.table.withUnsafeBufferPointer { place(image, frame, $0, greyShares: nil, into: input) }
      return
    }
    let table = ColourTable(colours, of: image, normalization)
    table.values.span.withUnsafeBufferPointer {
      place(image, frame, $0, greyShares: table.greyShares, into: input)
    }
  }

  /// Writes `image`, moved and mirrored, over a ground of zeros.
  private func place(
    _ image: PixelView, _ frame: Frame, _ table: UnsafeBufferPointer<Float>, greyShares: SIMD3<Float>?,
    into input: UnsafeMutablePointer<Float>
  ) {
    let rowFloats = output.width * output.channels
    let first = min(output.width, max(0, -frame.shiftAcross))
    let last = max(first, min(output.width, image.size.width - frame.shiftAcross))
    let isCovered = last - first == output.width
    guard let table = table.baseAddress else { return }
    for y in 0..<output.height {
      let row = input + y * rowFloats
      let sourceY = y + frame.shiftDown
      let hasSource = sourceY >= 0 && sourceY < image.size.height && first < last
      if !hasSource || !isCovered { row.update(repeating: 0, count: rowFloats) }
      guard hasSource else { continue }
      let source = image.row(sourceY) + (first + frame.shiftAcross) * image.channels
      let target = row + (frame.isFlipped ? output.width - 1 - first : first) * output.channels
      let step = frame.isFlipped ? -output.channels : output.channels
      if let greyShares {
        convert(source, count: last - first, table, greyShares, into: target, step: step)
      } else {
        convert(source, channels: image.channels, count: last - first, table, into: target, step: step)
      }
    }
  }

  /// Writes `count` pixels of three channels that take a share of their grey, each `step` floats after the one before.
  @inline(__always)
  private func convert(
    _ source: UnsafePointer<UInt8>, count: Int, _ table: UnsafePointer<Float>, _ greyShares: SIMD3<Float>,
    into target: UnsafeMutablePointer<Float>, step: Int
  ) {
    let weights = SIMD3<Float>(ColourChange.greyWeights)
    var source = source
    var target = target
    for _ in 0..<count {
      let red = Float(source[0]) * weights[0]
      let grey = red + Float(source[1]) * weights[1] + Float(source[2]) * weights[2]
      target[0] = table[Int(source[0])] + greyShares[0] * grey
      target[1] = table[256 + Int(source[1])] + greyShares[1] * grey
      target[2] = table[512 + Int(source[2])] + greyShares[2] * grey
      source += 3
      target += step
    }
  }

  /// Writes `count` pixels, each `step` floats after the one before.
  @inline(__always)
  private func convert(
    _ source: UnsafePointer<UInt8>, channels: Int, count: Int, _ table: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, step: Int
  ) {
    var source = source
    var target = target
    switch (channels, output.channels) {
    case (3, 3):
      for _ in 0..<count {
        target[0] = table[Int(source[0])]
        target[1] = table[256 + Int(source[1])]
        target[2] = table[512 + Int(source[2])]
        source += 3
        target += step
      }
    case (1, 3):
      for _ in 0..<count {
        for channel in 0..<3 { target[channel] = table[256 * channel + Int(source[0])] }
        source += 1
        target += step
      }
    case (3, 1):
      for _ in 0..<count {
        target[0] = table[Self.luma(source)]
        source += 3
        target += step
      }
    default:
      for _ in 0..<count {
        target[0] = table[Int(source[0])]
        source += 1
        target += step
      }
    }
  }

  /// The luma of ITU-R BT.601, in the integers of Pillow's conversion to "L".
  @inline(__always)
  private static func luma(_ pixel: UnsafePointer<UInt8>) -> Int {
    (Int(pixel[0]) * 19_595 + Int(pixel[1]) * 38_470 + Int(pixel[2]) * 7_471 + 0x8000) >> 16
  }
}
