import Glibc
import Tensors

/// What a folder of shards, or one shard, holds.
public struct ShardInspection: Sendable, Codable {
  /// One shard file.
  public struct Shard: Sendable, Codable {
    public var file: String
    public var samples: Int
    public var bytes: Int
  }

  /// One class and how often it occurs.
  public struct ClassCount: Sendable, Codable {
    public var wnid: String
    public var name: String
    public var samples: Int
  }

  public var path: String
  public var format: String
  public var formatVersion: Int
  public var split: String
  /// `jpeg`, or `raw` with height × width × channels.
  public var encoding: String
  public var samples: Int
  public var bytes: Int
  /// Known for a folder only.
  public var mean: [Double]?
  public var std: [Double]?
  public var shards: [Shard]
  public var classes: [ClassCount]

  enum CodingKeys: String, CodingKey {
    case path, format, split, encoding, samples, bytes, mean, std, shards, classes
    case formatVersion = "format_version"
  }

  /// Looks at a folder with an index, or at one shard.
  public init(_ path: String) throws(ShardError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw ShardError(reading: "open \(path)", errno: errno) }
    if status.st_mode & S_IFMT == S_IFDIR {
      self.init(path, of: try ShardSet(folder: path).index)
    } else {
      self.init(try ShardFile(path))
    }
  }

  private init(_ path: String, of index: ShardIndex) {
    self.init(path: path, schema: index.schema, histogram: index.classHistogram)
    shards = index.shards.map { Shard(file: $0.file, samples: $0.samples, bytes: $0.bytes) }
    samples = index.samples
    bytes = index.bytes
    mean = index.mean
    std = index.std
  }

  private init(_ shard: ShardFile) {
    var histogram = [Int](repeating: 0, count: shard.schema.classes.count)
    for label in shard.labels { histogram[Int(label)] += 1 }
    self.init(path: shard.path, schema: shard.schema, histogram: histogram)
    shards = [Shard(file: shard.path, samples: shard.count, bytes: shard.byteCount)]
    samples = shard.count
    bytes = shard.byteCount
  }

  private init(path: String, schema: ShardSchema, histogram: [Int]) {
    self.path = path
    format = ShardFormat.name
    formatVersion = ShardFormat.version
    split = schema.split
    encoding =
      switch schema.encoding {
      case .jpeg: "jpeg"
      case .raw(let image): "raw \(image.height)×\(image.width)×\(image.channels)"
      }
    samples = 0
    bytes = 0
    shards = []
    classes = zip(schema.classes, histogram).map { ClassCount(wnid: $0.wnid, name: $0.name, samples: $1) }
  }
}

extension ShardInspection: CustomStringConvertible {
  /// A table for people, of several lines.
  public var description: String {
    var lines = [
      "\(path): \(samples) samples of \(classes.count) classes in \(shards.count) shards, \(bytes) bytes",
      "format \(format) \(formatVersion), split \(split), encoding \(encoding)",
    ]
    if let mean, let std {
      lines.append("mean \(Self.decimals(mean))  std \(Self.decimals(std))")
    }
    lines += ["", Self.padded("samples", 10) + Self.padded("bytes", 16) + "  shard"]
    lines += shards.map { Self.padded("\($0.samples)", 10) + Self.padded("\($0.bytes)", 16) + "  " + $0.file }
    lines += ["", Self.padded("label", 7) + Self.padded("samples", 10) + "  class"]
    lines += classes.enumerated().map { label, entry in
      let name = entry.name == entry.wnid ? entry.wnid : "\(entry.wnid) \(entry.name)"
      return Self.padded("\(label)", 7) + Self.padded("\(entry.samples)", 10) + "  " + name
    }
    return lines.joined(separator: "\n")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Four decimals each.
  private static func decimals(_ numbers: [Double]) -> String {
    numbers.map { number in
      let scaled = Int((number * 10_000).rounded())
      let fraction = String(scaled % 10_000)
      return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }.joined(separator: " ")
  }
}
