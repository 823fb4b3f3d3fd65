public import Tensors

/// What becomes of a stored image until the network sees it: its input's shape, augmentation and normalisation.
public struct ImageTransform: Sendable, Hashable {
  /// The network's input; 1 channel (luma) or 3 (red, green, blue).
  public let output: Shape
  public let augmentation: Augmentation
  public let normalization: Normalization
  /// The crops of an image that become inputs, one behind the other, instead of the one that `augmentation` frames.
  public let crops: CropProtocol?

  /// `normalization` has as many channels as `output`; a resized image is not smaller than `output`.
  public init(output: Shape, augmentation: Augmentation, normalization: Normalization) {
    precondition(output.channels == 1 || output.channels == 3, "networks take grey or RGB images")
    precondition(output.height > 0 && output.width > 0, "the network's input is empty")
    precondition(normalization.channels == output.channels, "each channel of the input has a mean and a deviation")
    if let side = augmentation.framing.leastShorterSide {
      precondition(side >= max(output.height, output.width), "the crop is larger than the resized image")
    }
    self.output = output
    self.augmentation = augmentation
    self.normalization = normalization
    crops = nil
  }

  /// What a protocol of several crops of each image makes of it; `crops` are cut out of images that are resized to no
  /// less than `output`.
  public init(output: Shape, crops: CropProtocol, normalization: Normalization) {
    precondition(output.channels == 1 || output.channels == 3, "networks take grey or RGB images")
    precondition(output.height > 0 && output.width > 0, "the network's input is empty")
    precondition(normalization.channels == output.channels, "each channel of the input has a mean and a deviation")
    precondition(
      crops.scales.allSatisfy { $0 >= max(output.height, output.width) }, "crops are larger than the resized image")
    self.output = output
    augmentation = .centre(resizedTo: nil)
    self.normalization = normalization
    self.crops = crops
  }

  /// The number of inputs that an image becomes.
  public var views: Int { crops?.count ?? 1 }

  var outputSize: PixelSize { PixelSize(width: output.width, height: output.height) }

  /// Where each pixel of the input comes from, for an image of size `source`, by the next draws of `random`.
  func frame(of source: PixelSize, _ random: inout RandomStream) -> Frame {
    var frame: Frame
    switch augmentation.framing {
    case .centre(let side):
      frame = Frame(centred(source, resizedTo: source == outputSize ? nil : side))
    case .paddedCrop(let padding):
      frame = Frame(centred(source, resizedTo: nil))
      frame.shiftDown = random.next(below: 2 * padding + 1) - padding
      frame.shiftAcross = random.next(below: 2 * padding + 1) - padding
    case .randomResizedCrop(let minimumArea):
      let crop = RandomResizedCrop(of: source, minimumArea: minimumArea, &random)
      frame = Frame(
        across: ResampleAxis(resizing: crop.columns, to: output.width),
        down: ResampleAxis(resizing: crop.rows, to: output.height))
      frame.mayShrink = true
    case .scaledCrop(let sides, let inCentreSquare):
      let crop = ScaledCrop(
        of: source, shorterSide: sides, inCentreSquare: inCentreSquare, crop: outputSize, &random)
      frame = Frame(across: crop.across, down: crop.down)
      frame.mayShrink = true
    }
    if augmentation.flips { frame.isFlipped = random.next() >> 31 == 1 }
    return frame
  }

  private func centred(_ source: PixelSize, resizedTo shorterSide: Int?) -> CentreCrop {
    CentreCrop(of: source, resizedTo: shorterSide, crop: outputSize)
  }
}

/// Where each pixel of a network's input comes from.
///
/// The source is resampled along both axes; the result, moved by the shifts over a ground of zeros and then perhaps
/// mirrored, is the input.
struct Frame: Hashable {
  var across: ResampleAxis
  var down: ResampleAxis
  /// Pixel (x, y) of the input shows pixel (x + shiftAcross, y + shiftDown) of the resampled image, or zero.
  var shiftAcross = 0
  var shiftDown = 0
  var isFlipped = false
  /// Whether a JPEG may be decoded at a fraction of its size, if what is left is still as fine as the input.
  ///
  /// Only where the crop is random: evaluation stays exactly what other programs compute.
  var mayShrink = false

  init(across: ResampleAxis, down: ResampleAxis) {
    self.across = across
    self.down = down
  }

  init(_ crop: CentreCrop) { self.init(across: crop.across, down: crop.down) }

  /// By how much a JPEG is shrunk while it is decoded.
  var divisor: Int {
    guard mayShrink else { return 1 }
    let scale = min(across.scale, down.scale)
    return scale >= 8 ? 8 : scale >= 4 ? 4 : scale >= 2 ? 2 : 1
  }
}
