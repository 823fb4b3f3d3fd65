import Tensors

/// Turns stored samples into inputs of a network, one after another, on one thread at a time, reusing its memory.
struct InputWriter: ~Copyable {
  private let source: any SampleSource
  private let transform: ImageTransform
  private let seed: UInt64
  private var sample: SampleDecoder
  private var painter: InputPainter
  private var cropPainter: CropPainter

  init(source: any SampleSource, transform: ImageTransform, seed: UInt64) {
    self.source = source
    self.transform = transform
    self.seed = seed
    sample = SampleDecoder(source)
    painter = InputPainter(output: transform.output, normalization: transform.normalization)
    cropPainter = CropPainter(output: transform.output, normalization: transform.normalization)
  }

  /// Writes what training sees of sample `index` in `epoch`: height × width × channels floats, interleaved; with
  /// several views of a sample, these one behind the other.
  mutating func write(
    sample index: Int, epoch: Int, to input: UnsafeMutablePointer<Float>
  ) throws(ShardError) {
    let transform = transform
    if let crops = transform.crops { return try write(crops, of: index, to: input) }
    var random = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: index))
    var drawn: Frame?
    try sample.read(index) { size in
      let frame = transform.frame(of: size, &random)
      drawn = frame
      return frame.divisor
    }
    guard var frame = drawn else { preconditionFailure("a decoder tells the size of what it decodes") }
    let colours = transform.augmentation.colours.change(&random)
    if sample.divisor > 1 {
      frame.across = frame.across.divided(by: sample.divisor, count: sample.size.width)
      frame.down = frame.down.divided(by: sample.divisor, count: sample.size.height)
    }
    let (size, channels) = (sample.size, sample.channels)
    sample.pixels.withUnsafeBufferPointer {
      painter.paint(PixelView($0, size, channels: channels), frame, colours, into: input)
    }
  }

  /// Decodes once and paints each crop.
  private mutating func write(
    _ crops: CropProtocol, of index: Int, to input: UnsafeMutablePointer<Float>
  ) throws(ShardError) {
    try sample.read(index)
    let (size, channels) = (sample.size, sample.channels)
    let views = crops.crops(of: size, size: transform.outputSize)
    sample.pixels.withUnsafeBufferPointer {
      cropPainter.paint(PixelView($0, size, channels: channels), views, into: input)
    }
  }
}
