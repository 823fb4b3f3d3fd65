import Tensors

/// Turns stored samples into inputs of a network, one after another, on one thread at a time, reusing its memory.
struct InputWriter: ~Copyable {
  private let source: any SampleSource
  private let transform: ImageTransform
  private let seed: UInt64
  private let decoder = ImageDecoder()
  private var painter: InputPainter
  private var stored: [UInt8] = []
  private var decoded: [UInt8] = []

  init(source: any SampleSource, transform: ImageTransform, seed: UInt64) {
    self.source = source
    self.transform = transform
    self.seed = seed
    painter = InputPainter(output: transform.output, normalization: transform.normalization)
  }

  /// Writes what training sees of sample `index` in `epoch`: height × width × channels floats, interleaved.
  mutating func write(
    sample index: Int, epoch: Int, to input: UnsafeMutablePointer<Float>
  ) throws(ShardError) {
    try source.read(index, into: &stored)
    var random = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: index))
    switch source.encoding {
    case .raw(let shape):
      guard stored.count == shape.count, shape.count > 0 else {
        throw ShardError(
          .badData,
          "Cannot use \(source.place(of: index)): it holds \(stored.count) bytes, not the \(shape.count) of \(shape)")
      }
      let size = PixelSize(width: shape.width, height: shape.height)
      let frame = transform.frame(of: size, &random)
      let colours = transform.augmentation.colours.change(&random)
      stored.withUnsafeBufferPointer {
        painter.paint(PixelView($0, size, channels: shape.channels), frame, colours, into: input)
      }
    case .jpeg:
      let (size, frame) = try decode(index, &random)
      let colours = transform.augmentation.colours.change(&random)
      decoded.withUnsafeBufferPointer { painter.paint(PixelView($0, size, channels: 3), frame, colours, into: input) }
    }
  }

  /// Decodes the stored file; returns its size and the frame that was drawn for it.
  private mutating func decode(
    _ index: Int, _ random: inout RandomStream
  ) throws(ShardError) -> (PixelSize, Frame) {
    var drawn: Frame?
    let size = try stored.withUnsafeBufferPointer { (file) throws(ShardError) in
      try decoder.decode(UnsafeRawBufferPointer(file), into: &decoded, named: source.place(of: index)) { size in
        let frame = transform.frame(of: size, &random)
        drawn = frame
        return frame.divisor
      }
    }
    guard var frame = drawn else { preconditionFailure("a decoder tells the size of what it decodes") }
    if size.divisor > 1 {
      frame.across = frame.across.divided(by: size.divisor, count: size.pixels.width)
      frame.down = frame.down.divided(by: size.divisor, count: size.pixels.height)
    }
    return (size.pixels, frame)
  }
}
