import Tensors

/// Paints the crops of decoded images into inputs of a network, reusing its memory.
struct CropPainter {
  private let output: Shape
  private var painter: InputPainter
  private var resampler = Resampler()
  /// The whole image at the size that was asked for last.
  private var resized: [UInt8] = []

  init(output: Shape, normalization: Normalization) {
    self.output = output
    painter = InputPainter(output: output, normalization: normalization)
  }

  /// Writes crop after crop, each height × width × channels floats, interleaved.
  ///
  /// An image is resized once for all crops of a size, if it is then no larger than they are together; the bits are
  /// those of crops that are resized alone.
  mutating func paint(_ image: PixelView, _ crops: [Crop], into input: UnsafeMutablePointer<Float>) {
    let size = PixelSize(width: output.width, height: output.height)
    var current = image.size
    for (place, crop) in crops.enumerated() {
      let target = input + place * output.count
      let isCut = crop.columns.count == size.width && crop.rows.count == size.height
      guard isCut, crop.resized != image.size, crop.resized.count <= crops.count * size.count else {
        painter.paint(image, crop.frame(of: image.size, output: size), into: target)
        continue
      }
      if current != crop.resized {
        current = resampler.resample(
          image, ResampleAxis(resizing: 0..<image.size.width, to: crop.resized.width),
          ResampleAxis(resizing: 0..<image.size.height, to: crop.resized.height), into: &resized)
      }
      resized.withUnsafeBufferPointer {
        painter.paint(
          PixelView($0, current, channels: image.channels), crop.frame(of: current, output: size), into: target)
      }
    }
  }
}
