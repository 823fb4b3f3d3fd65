import Synchronization
import Tensors

/// Turns a tree of images, one folder per class, into a set of shards.
///
/// The result is a function of the tree and the options alone, not of the number of threads. One shard at a time is
/// held in memory.
public struct ShardBuild: Sendable {
  /// How images are stored.
  public enum Encoding: Sendable, Hashable {
    /// JPEG files byte by byte; PNG and CMYK are encoded anew, with quality 95.
    case jpeg
    /// RGB pixels of a square: resized so that the shorter side fits, then cropped to the centre.
    case raw(size: Int)
  }

  /// The folder of class folders.
  public var input: String
  /// A file with a name for each class folder: lines of `WNID name…`; without one, folders name their classes.
  public var labelsFile: String?
  /// The folder of the shards, created if need be.
  public var output: String
  public var split: String
  public var encoding: Encoding
  /// About how large each shard becomes.
  public var shardByteCount: Int
  public var threads: Int
  /// Leave unreadable images out, instead of failing.
  public var skipsUnreadable: Bool
  /// Replace the shards of `output`.
  public var overwrites: Bool

  public init(
    input: String, labelsFile: String?, output: String, split: String, encoding: Encoding, shardByteCount: Int,
    threads: Int, skipsUnreadable: Bool, overwrites: Bool
  ) {
    self.input = input
    self.labelsFile = labelsFile
    self.output = output
    self.split = split
    self.encoding = encoding
    self.shardByteCount = shardByteCount
    self.threads = threads
    self.skipsUnreadable = skipsUnreadable
    self.overwrites = overwrites
  }

  /// Builds the shards.
  ///
  /// `progress` is called after every image, by one thread at a time.
  ///
  /// Unreadable images are all found before the build fails for them. A failed build leaves nothing behind.
  public func run(
    progress: @escaping @Sendable (ShardProgress) -> Void = { _ in }
  ) throws(ShardError) -> ShardBuildReport {
    let tree = try ImageFolder(scanning: input)
    let classes =
      if let labelsFile {
        try ClassNames(reading: labelsFile).classes(of: tree.classFolders)
      } else {
        tree.classFolders.map { ShardClass(wnid: $0, name: $0) }
      }
    let schema = ShardSchema(split: split, encoding: encoding.stored, classes: classes)
    var writer = try ShardSetWriter(folder: output, schema: schema, overwrite: overwrites)
    let order = Self.mixedOrder(count: tree.items.count)
    let shards = shardCount(of: tree)
    let meter = ProgressMeter(total: order.count, report: progress)
    var sums = ChannelSums()
    var unreadable: [UnreadableImage] = []
    var reencoded = 0
    for shard in 0..<shards {
      let part = order[order.count * shard / shards..<order.count * (shard + 1) / shards]
      let images = concurrentMap(part.count, threads: threads) { place in
        let number = Int(part[part.startIndex + place])
        let image = ImageRecipe(encoding).prepare(tree.items[number], number: number, root: tree.root)
        meter.advance(bytes: tree.items[number].byteCount)
        return image
      }
      var samples: [StoredSample] = []
      for image in images {
        switch image {
        case .success(let image):
          samples.append(image.sample)
          sums.add(image.sums)
          reencoded += image.isReencoded ? 1 : 0
        case .failure(let image): unreadable.append(image)
        }
      }
      if unreadable.isEmpty || skipsUnreadable { try writer.writeShard(samples) }
    }
    unreadable.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    try check(unreadable, of: order.count)
    let index = try writer.commit(mean: sums.mean, std: sums.std)
    return ShardBuildReport(
      index: index, unreadable: unreadable, reencoded: reencoded, ignoredFiles: tree.ignoredFiles)
  }

  private func check(_ unreadable: [UnreadableImage], of count: Int) throws(ShardError) {
    guard !unreadable.isEmpty, !skipsUnreadable || unreadable.count == count else { return }
    let named = unreadable.prefix(20).map(\.reason).joined(separator: "; ")
    let more = unreadable.count > 20 ? "; and \(unreadable.count - 20) more" : ""
    throw ShardError(
      .badData,
      "Could not build shards from \(input): \(unreadable.count) of \(count) images are unreadable: \(named)\(more). "
        + "Mend or remove them, or leave them out (--skip-bad).")
  }

  /// As many shards as the asked size makes of the source's bytes, but none empty.
  private func shardCount(of tree: ImageFolder) -> Int {
    precondition(shardByteCount > 0, "A shard has a size.")
    let byteCount =
      switch encoding {
      case .jpeg: tree.items.reduce(0) { $0 + $1.byteCount }
      case .raw(let size): tree.items.count * size * size * 3
      }
    return max(1, min(tree.items.count, (byteCount + shardByteCount - 1) / shardByteCount))
  }

  /// A fixed shuffle of the numbers below `count`, so that every shard holds a mix of all classes.
  static func mixedOrder(count: Int) -> [UInt32] {
    var order = Array(0..<UInt32(count))
    var random = RandomStream(seed: 0, purpose: .sampleOrder)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, random.next(below: last + 1)) }
    return order
  }
}

extension ShardBuild.Encoding {
  /// What the command line calls it: `jpeg` or `raw:SIZE`; nil for anything else.
  public init?(_ text: String) {
    if text == "jpeg" {
      self = .jpeg
    } else if text.hasPrefix("raw:"), let size = Int(text.dropFirst(4)), (1...ImageLimits.sidePixels).contains(size) {
      self = .raw(size: size)
    } else {
      return nil
    }
  }

  var stored: SampleEncoding {
    switch self {
    case .jpeg: .jpeg
    case .raw(let size): .raw(Shape(channels: 3, height: size, width: size))
    }
  }
}
