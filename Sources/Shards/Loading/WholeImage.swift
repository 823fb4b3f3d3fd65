public import Tensors

/// A sample as a network sees it whole: resized to one or several scales at its own aspect, and normalised.
public struct WholeImage: Sendable {
  /// The sample's index in its source.
  public let index: Int
  public let label: Int
  /// One for each scale, in their order.
  public let views: [View]

  /// The image and its mirror image at one scale.
  public struct View: Sendable {
    /// Of each of the two.
    public let shape: Shape
    /// Of the image and then of its mirror image height × width × channels floats, interleaved.
    public let floats: [Float]
  }
}

/// What becomes of a sample until a network sees it whole.
public struct WholeImageTransform: Sendable, Hashable {
  /// The pixels of the shorter side to which an image is resized; the longer side follows.
  public let scales: [Int]
  public let normalization: Normalization

  /// `normalization` has the channels of the network's input: 1 (luma) or 3 (red, green, blue).
  public init(scales: [Int], normalization: Normalization) {
    precondition(!scales.isEmpty && scales.allSatisfy { $0 > 0 }, "images have at least one pixel")
    precondition(normalization.channels == 1 || normalization.channels == 3, "networks take grey or RGB images")
    self.scales = scales
    self.normalization = normalization
  }
}

/// Reads samples as whole images, one after another, on one thread at a time.
struct WholeImageReader: ~Copyable {
  private let source: any SampleSource
  private let transform: WholeImageTransform
  private var sample: SampleDecoder
  private var painter: InputPainter

  init(_ source: any SampleSource, _ transform: WholeImageTransform) {
    self.source = source
    self.transform = transform
    sample = SampleDecoder(source)
    painter = InputPainter(output: Shape(channels: 1), normalization: transform.normalization)
  }

  mutating func read(_ index: Int) throws(ShardError) -> WholeImage {
    try sample.read(index)
    var views: [WholeImage.View] = []
    for scale in transform.scales {
      let resized = sample.size.resized(shorterSide: scale)
      // Far beyond what a network can be planned for: not worth the memory to find out.
      guard resized.count <= ImageLimits.pixels else {
        throw ShardError(
          .badData,
          "Cannot use \(source.place(of: index)): of \(sample.size.width)×\(sample.size.height) pixels, resized whole "
            + "to \(resized.width)×\(resized.height), it has more than \(ImageLimits.pixels / 1_000_000) million "
            + "pixels; choose a smaller scale or leave the image out")
      }
      views.append(view(resized))
    }
    return WholeImage(index: index, label: source.label(of: index), views: views)
  }

  /// The sample that was read last, resized to `resized`.
  private mutating func view(_ resized: PixelSize) -> WholeImage.View {
    let shape = Shape(channels: transform.normalization.channels, height: resized.height, width: resized.width)
    let (size, channels) = (sample.size, sample.channels)
    var frame = Frame(
      across: ResampleAxis(resizing: 0..<size.width, to: resized.width),
      down: ResampleAxis(resizing: 0..<size.height, to: resized.height))
    painter.output = shape
    var floats = [Float](repeating: 0, count: 2 * shape.count)
    floats.withUnsafeMutableBufferPointer { floats in
      guard let start = floats.baseAddress else { return }
      sample.pixels.withUnsafeBufferPointer {
        let image = PixelView($0, size, channels: channels)
        painter.paint(image, frame, into: start)
        frame.isFlipped = true
        painter.paint(image, frame, into: start + shape.count)
      }
    }
    return WholeImage.View(shape: shape, floats: floats)
  }
}
