import Files
import Shards
import Tensors

/// Samples that lie in memory, with checksums as in a shard.
struct MemorySource: SampleSource {
  let encoding: SampleEncoding
  var samples: [[UInt8]]
  private let checksums: [UInt32]

  init(_ encoding: SampleEncoding, _ samples: [[UInt8]]) {
    self.encoding = encoding
    self.samples = samples
    checksums = samples.map { $0.withUnsafeBytes { CRC32C.checksum(of: $0) } }
  }

  var count: Int { samples.count }

  func label(of index: Int) -> Int { index % 7 }

  func sampleID(of index: Int) -> UInt64 { UInt64(index) << 33 | 5 }

  func place(of index: Int) -> String { "sample \(index) of memory.h5" }

  func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
    let bytes = samples[index]
    guard bytes.withUnsafeBytes({ CRC32C.checksum(of: $0) }) == checksums[index] else {
      throw ShardError(.badData, "Cannot use \(place(of: index)): its checksum is wrong")
    }
    buffer.removeAll(keepingCapacity: true)
    buffer.append(contentsOf: bytes)
  }
}

extension Normalization {
  /// Values in 0...1.
  static func unit(_ channels: Int) -> Normalization {
    Normalization(mean: Array(repeating: 0, count: channels), deviation: Array(repeating: 1, count: channels))
  }

  /// CIFAR-10's.
  static let cifar10 = Normalization(mean: [0.4914, 0.4822, 0.4465], deviation: [0.2470, 0.2435, 0.2616])
}

/// A smooth image: what decoding and resizing lose of it is little. `phase` makes images differ.
func smooth(width: Int, height: Int, phase: Int = 0) -> RGBImage {
  func wave(_ position: Int, _ period: Int) -> Int {
    let place = (position + 1000 * period) % (2 * period)
    return min(place, 2 * period - place) * 200 / period
  }
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      pixels.append(UInt8(20 + wave(x + 3 * phase, 40)))
      pixels.append(UInt8(20 + wave(y - phase, 50)))
      pixels.append(UInt8(20 + (wave(x, 60) + wave(y + 7 * phase, 44)) / 2))
    }
  }
  return RGBImage(width: width, height: height, pixels: pixels)
}

/// Raw samples of `shape` with bytes drawn from `seed`.
func rawSamples(_ count: Int, _ shape: Shape, seed: UInt64 = 1) -> MemorySource {
  var random = RandomStream(seed: seed, purpose: .test)
  return MemorySource(
    .raw(shape),
    (0..<count).map { _ in (0..<shape.count).map { _ in UInt8(truncatingIfNeeded: random.next()) } })
}
