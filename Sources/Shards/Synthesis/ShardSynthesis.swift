import Glibc
import Tensors

/// Makes a data set of drawn pictures: coloured figures of ten classes over clutter.
///
/// Picture i depends on (seed, i, size) alone, and its class is i modulo 10: any split of another seed is a fresh
/// sample of the same distribution.
public struct ShardSynthesis: Sendable {
  /// Where the pictures go.
  public enum Destination: Sendable, Hashable {
    /// A folder of shards with raw images of about `shardByteCount` bytes each.
    case shards(shardByteCount: Int)
    /// A folder of JPEG files, one folder per class, for ``ShardBuild``.
    case tree(quality: Int)
  }

  public var count: Int
  /// Of each side, in pixels.
  public var size: Int
  public var seed: UInt64
  public var split: String
  public var output: String
  public var destination: Destination
  public var threads: Int
  /// Replace what is in `output`.
  public var overwrites: Bool

  public init(
    count: Int, size: Int, seed: UInt64, split: String, output: String, destination: Destination, threads: Int,
    overwrites: Bool
  ) {
    self.count = count
    self.size = size
    self.seed = seed
    self.split = split
    self.output = output
    self.destination = destination
    self.threads = threads
    self.overwrites = overwrites
  }

  /// What was made.
  public struct Report: Sendable {
    public var samples: Int
    /// Of the stored images.
    public var imageBytes: Int
    /// The index of the shards, if shards were written.
    public var index: ShardIndex?
  }

  /// Picture `index` and its label.
  public static func picture(seed: UInt64, index: Int, size: Int) -> (image: RGBImage, label: Int) {
    var picture = ShapePicture(seed: seed, index: index, size: size)
    return (picture.draw(), index % SyntheticShape.allCases.count)
  }

  /// Draws and writes; `progress` is called after every picture, by one thread at a time.
  public func run(progress: @escaping @Sendable (ShardProgress) -> Void = { _ in }) throws(ShardError) -> Report {
    guard count > 0, (8...ImageLimits.sidePixels).contains(size), size * size <= ImageLimits.pixels else {
      throw ShardError(
        .badData, "Could not draw \(count) pictures of \(size)×\(size): give a count above 0 and a size from 8 pixels.")
    }
    let meter = ProgressMeter(total: count, report: progress)
    switch destination {
    case .shards(let shardByteCount): return try writeShards(shardByteCount: shardByteCount, meter)
    case .tree(let quality): return try writeTree(quality: quality, meter)
    }
  }

  private func writeShards(shardByteCount: Int, _ meter: ProgressMeter) throws(ShardError) -> Report {
    precondition(shardByteCount > 0, "A shard has a size.")
    let image = Shape(channels: 3, height: size, width: size)
    let classes = SyntheticShape.allCases.map { ShardClass(wnid: $0.rawValue, name: $0.rawValue) }
    let schema = ShardSchema(split: split, encoding: .raw(image), classes: classes)
    var writer = try ShardSetWriter(folder: output, schema: schema, overwrite: overwrites)
    let shards = max(1, min(count, (count * image.count + shardByteCount - 1) / shardByteCount))
    var sums = ChannelSums()
    for shard in 0..<shards {
      let first = count * shard / shards
      let drawn = concurrentMap(count * (shard + 1) / shards - first, threads: threads) { place in
        let (image, label) = Self.picture(seed: seed, index: first + place, size: size)
        var sums = ChannelSums()
        sums.add(image)
        meter.advance(bytes: image.pixels.count)
        return (sample: StoredSample(bytes: image.pixels, label: label, sampleID: UInt64(first + place)), sums: sums)
      }
      for picture in drawn { sums.add(picture.sums) }
      try writer.writeShard(drawn.map(\.sample))
    }
    let index = try writer.commit(mean: sums.mean, std: sums.std)
    return Report(samples: count, imageBytes: count * image.count, index: index)
  }

  private func writeTree(quality: Int, _ meter: ProgressMeter) throws(ShardError) -> Report {
    guard overwrites || access(output, F_OK) != 0 else {
      throw ShardError(
        .exists, "Could not write pictures to \(output): it is already there; choose another or overwrite.")
    }
    try makeFolder(output)
    for shape in SyntheticShape.allCases {
      try makeFolder("\(output)/\(shape.rawValue)")
      removeFiles(of: "\(output)/\(shape.rawValue)") { $0.hasSuffix(".jpg") && Int($0.dropLast(4)) != nil }
    }
    let written = concurrentMap(count, threads: threads) { index -> Result<Int, ShardError> in
      do throws(ShardError) {
        let (image, label) = Self.picture(seed: seed, index: index, size: size)
        let bytes = try image.jpegBytes(quality: quality)
        let digits = String(index)
        let name = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        try writeFile(bytes, to: "\(output)/\(SyntheticShape.allCases[label].rawValue)/\(name).jpg", isDurable: false)
        meter.advance(bytes: bytes.count)
        return .success(bytes.count)
      } catch {
        return .failure(error)
      }
    }
    var byteCount = 0
    for result in written { byteCount += try result.get() }
    return Report(samples: count, imageBytes: byteCount, index: nil)
  }
}
