/// One view of an image in an evaluation: a part of the resized image, resized once more where it has not the size of
/// the network's input, perhaps mirrored left to right.
public struct Crop: Hashable, Sendable {
  /// The size to which the whole image is resized.
  public var resized: PixelSize
  /// The pixels of the resized image that are shown.
  public var columns: Range<Int>
  public var rows: Range<Int>
  public var isMirrored = false

  /// The part of `size` whose first pixel is (left, top).
  public init(of resized: PixelSize, left: Int, top: Int, size: PixelSize) {
    precondition(
      left >= 0 && top >= 0 && left + size.width <= resized.width && top + size.height <= resized.height,
      "a crop lies in its image")
    self.resized = resized
    columns = left..<left + size.width
    rows = top..<top + size.height
  }

  /// The same part, mirrored.
  public var mirrored: Crop {
    var crop = self
    crop.isMirrored.toggle()
    return crop
  }

  /// Where each pixel of an input of size `output` comes from, for an image of size `source`.
  func frame(of source: PixelSize, output: PixelSize) -> Frame {
    var frame = Frame(
      across: Self.axis(source.width, resized.width, columns, output.width),
      down: Self.axis(source.height, resized.height, rows, output.height))
    frame.isFlipped = isMirrored
    return frame
  }

  private static func axis(_ source: Int, _ resized: Int, _ part: Range<Int>, _ output: Int) -> ResampleAxis {
    part.count == output
      ? ResampleAxis(resizing: 0..<source, to: resized, targets: part)
      : ResampleAxis(part: part, of: resized, from: source, to: output)
  }
}

/// A part of a resized image that crops are cut out of.
struct CropArea {
  let resized: PixelSize
  let left: Int
  let top: Int
  let size: PixelSize

  /// The whole of an image that is resized so.
  init(_ resized: PixelSize) { self.init(of: resized, left: 0, top: 0, size: resized) }

  init(of resized: PixelSize, left: Int, top: Int, size: PixelSize) {
    self.resized = resized
    self.left = left
    self.top = top
    self.size = size
  }

  /// The area itself.
  var whole: Crop { Crop(of: resized, left: left, top: top, size: size) }

  /// The crop of `crop` at place (column, row) of a regular grid of `count` × `count` places from edge to edge.
  ///
  /// Places between pixels are rounded, halves to the even one, as torchvision's `CenterCrop` rounds them.
  func crop(_ crop: PixelSize, column: Int, row: Int, of count: Int) -> Crop {
    precondition(crop.width <= size.width && crop.height <= size.height, "the crop is larger than the resized image")
    func place(_ margin: Int, _ number: Int) -> Int {
      Int((Double(margin * number) / Double(count - 1)).rounded(.toNearestOrEven))
    }
    return Crop(
      of: resized, left: left + place(size.width - crop.width, column),
      top: top + place(size.height - crop.height, row),
      size: crop)
  }

  /// The four corners (top left, top right, bottom left, bottom right) and the centre.
  func cornersAndCentre(_ size: PixelSize) -> [Crop] {
    [(0, 0), (2, 0), (0, 2), (2, 2), (1, 1)].map { crop(size, column: $0.0, row: $0.1, of: 3) }
  }
}
