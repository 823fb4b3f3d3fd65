import Tensors

/// Reads stored samples and decodes them, one after another, on one thread at a time, reusing its memory.
struct SampleDecoder: ~Copyable {
  private let source: any SampleSource
  private let decoder = ImageDecoder()
  private var stored: [UInt8] = []
  /// The last sample: height × width × channels bytes, interleaved.
  private(set) var pixels: [UInt8] = []
  private(set) var size = PixelSize(width: 0, height: 0)
  /// 1 or 3.
  private(set) var channels = 3
  /// By how much it was shrunk while it was decoded.
  private(set) var divisor = 1

  init(_ source: any SampleSource) { self.source = source }

  /// Reads sample `index`. `reduction` is told its size and says by what divisor (1, 2, 4, 8) a JPEG may be shrunk.
  mutating func read(_ index: Int, reduction: (PixelSize) -> Int = { _ in 1 }) throws(ShardError) {
    try source.read(index, into: &stored)
    switch source.encoding {
    case .raw(let shape):
      guard stored.count == shape.count, shape.count > 0 else {
        throw ShardError(
          .badData,
          "Cannot use \(source.place(of: index)): it holds \(stored.count) bytes, not the \(shape.count) of \(shape)")
      }
      swap(&stored, &pixels)
      size = PixelSize(width: shape.width, height: shape.height)
      channels = shape.channels
      divisor = 1
      _ = reduction(size)
    case .jpeg:
      let decoded = try stored.withUnsafeBufferPointer { (file) throws(ShardError) in
        try decoder.decode(
          UnsafeRawBufferPointer(file), into: &pixels, named: source.place(of: index), reduction: reduction)
      }
      size = decoded.pixels
      channels = 3
      divisor = decoded.divisor
    }
  }
}
