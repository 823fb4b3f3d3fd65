import Glibc
import Tensors

/// Makes a data set of drawn pictures.
///
/// Picture i depends on (kind, seed, i, size) alone: any split of another seed is a fresh sample of the same
/// distribution.
public struct ShardSynthesis: Sendable {
  /// Where the pictures go.
  public enum Destination: Sendable, Hashable {
    /// A folder of shards with raw images of about `shardByteCount` bytes each.
    case shards(shardByteCount: Int)
    /// A folder of JPEG files, one folder per class, for ``ShardBuild``.
    case tree(quality: Int)
  }

  public var kind: SyntheticKind
  public var count: Int
  /// The width in pixels; the height follows from the kind.
  public var size: Int
  public var seed: UInt64
  public var split: String
  public var output: String
  public var destination: Destination
  public var threads: Int
  /// Replace what is in `output`.
  public var overwrites: Bool

  public init(
    kind: SyntheticKind = .shapes, count: Int, size: Int, seed: UInt64, split: String, output: String,
    destination: Destination, threads: Int, overwrites: Bool
  ) {
    self.kind = kind
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
  public static func picture(
    _ kind: SyntheticKind = .shapes, seed: UInt64, index: Int, size: Int
  ) -> (image: RGBImage, label: Int) {
    kind.picture(seed: seed, index: index, size: size)
  }

  /// Draws and writes; `progress` is called after every picture, by one thread at a time.
  public func run(progress: @escaping @Sendable (ShardProgress) -> Void = { _ in }) throws(ShardError) -> Report {
    guard count > 0, (8...ImageLimits.sidePixels).contains(size), size * size <= ImageLimits.pixels else {
      throw ShardError(
        .badData, "Could not draw \(count) pictures of width \(size): give a count above 0 and a size from 8 pixels.")
    }
    let meter = ProgressMeter(total: count, report: progress)
    switch destination {
    case .shards(let shardByteCount): return try writeShards(shardByteCount: shardByteCount, meter)
    case .tree(let quality): return try writeTree(quality: quality, meter)
    }
  }

  private func writeShards(shardByteCount: Int, _ meter: ProgressMeter) throws(ShardError) -> Report {
    precondition(shardByteCount > 0, "A shard has a size.")
    let shape = kind.shape(size: size)
    let schema = ShardSchema(split: split, encoding: .raw(shape), classes: kind.classes)
    var writer = try ShardSetWriter(folder: output, schema: schema, overwrite: overwrites)
    let shards = max(1, min(count, (count * shape.count + shardByteCount - 1) / shardByteCount))
    var sums = ChannelSums()
    for shard in 0..<shards {
      let first = count * shard / shards
      let drawn = concurrentMap(count * (shard + 1) / shards - first, threads: threads) { place in
        let (image, label) = kind.picture(seed: seed, index: first + place, size: size)
        var sums = ChannelSums()
        sums.add(image)
        meter.advance(bytes: shape.count)
        let bytes = image.storedBytes(channels: shape.channels)
        return (sample: StoredSample(bytes: bytes, label: label, sampleID: UInt64(first + place)), sums: sums)
      }
      for picture in drawn { sums.add(picture.sums) }
      try writer.writeShard(drawn.map(\.sample))
    }
    let index = try writer.commit(mean: sums.mean, std: sums.std)
    return Report(samples: count, imageBytes: count * shape.count, index: index)
  }

  private func writeTree(quality: Int, _ meter: ProgressMeter) throws(ShardError) -> Report {
    guard overwrites || access(output, F_OK) != 0 else {
      throw ShardError(
        .exists, "Could not write pictures to \(output): it is already there; choose another or overwrite.")
    }
    try makeFolder(output)
    let folders = kind.classes.map { "\(output)/\($0.wnid)" }
    for folder in folders {
      try makeFolder(folder)
      removeFiles(of: folder) { $0.hasSuffix(".jpg") && Int($0.dropLast(4)) != nil }
    }
    let written = concurrentMap(count, threads: threads) { index -> Result<Int, ShardError> in
      do throws(ShardError) {
        let (image, label) = kind.picture(seed: seed, index: index, size: size)
        let bytes = try image.jpegBytes(quality: quality)
        let digits = String(index)
        let name = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        try writeFile(bytes, to: "\(folders[label])/\(name).jpg", isDurable: false)
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
