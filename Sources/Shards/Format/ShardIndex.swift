import Tensors

/// What `index.json` says about the shards beside it.
public struct ShardIndex: Sendable, Hashable {
  /// One shard of the set.
  public struct Entry: Sendable, Hashable, Codable {
    /// The file's name in the folder.
    public var file: String
    public var samples: Int
    /// The size of the file.
    public var bytes: Int
    /// Of the whole file, as eight hexadecimal digits.
    public var crc32c: String

    public init(file: String, samples: Int, bytes: Int, crc32c: UInt32) {
      self.file = file
      self.samples = samples
      self.bytes = bytes
      self.crc32c = Self.hexadecimal(crc32c)
    }

    static func hexadecimal(_ number: UInt32) -> String {
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }
  }

  public var schema: ShardSchema
  public var shards: [Entry]
  /// The number of samples of each class.
  public var classHistogram: [Int]
  /// Of red, green and blue over all pixels, where 1 is white.
  public var mean: [Double]
  /// The standard deviation, at least 1/255 so that it can be divided by.
  public var std: [Double]

  public var samples: Int { shards.reduce(0) { $0 + $1.samples } }
  /// Of all shard files.
  public var bytes: Int { shards.reduce(0) { $0 + $1.bytes } }

  public init(schema: ShardSchema, shards: [Entry], classHistogram: [Int], mean: [Double], std: [Double]) {
    self.schema = schema
    self.shards = shards
    self.classHistogram = classHistogram
    self.mean = mean
    self.std = std
  }
}

extension ShardIndex: Codable {
  private enum Key: String, CodingKey {
    case format, split, encoding, image, samples, bytes, mean, std, shards, classes
    case formatVersion = "format_version"
    case classCount = "num_classes"
    case classHistogram = "class_histogram"
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    try members.encode(ShardFormat.indexName, forKey: .format)
    try members.encode(ShardFormat.version, forKey: .formatVersion)
    try members.encode(schema.split, forKey: .split)
    switch schema.encoding {
    case .jpeg: try members.encode("jpeg", forKey: .encoding)
    case .raw(let image):
      try members.encode("raw", forKey: .encoding)
      try members.encode(image, forKey: .image)
    }
    try members.encode(samples, forKey: .samples)
    try members.encode(bytes, forKey: .bytes)
    try members.encode(schema.classes.count, forKey: .classCount)
    try members.encode(schema.classes, forKey: .classes)
    try members.encode(classHistogram, forKey: .classHistogram)
    try members.encode(mean, forKey: .mean)
    try members.encode(std, forKey: .std)
    try members.encode(shards, forKey: .shards)
  }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Key.self)
    func require(_ condition: Bool, _ key: Key, _ message: String) throws {
      guard !condition else { return }
      throw DecodingError.dataCorruptedError(forKey: key, in: members, debugDescription: message)
    }
    let format = try members.decode(String.self, forKey: .format)
    try require(format == ShardFormat.indexName, .format, "it is \"\(format)\", not \"\(ShardFormat.indexName)\"")
    let version = try members.decode(Int.self, forKey: .formatVersion)
    try require(version == ShardFormat.version, .formatVersion, "this program reads version \(ShardFormat.version)")
    let encoding: SampleEncoding
    switch try members.decode(String.self, forKey: .encoding) {
    case "jpeg": encoding = .jpeg
    case "raw":
      let image = try members.decode(Shape.self, forKey: .image)
      let side = 1...ImageLimits.sidePixels
      try require(
        side.contains(image.height) && side.contains(image.width) && (image.channels == 1 || image.channels == 3),
        .image, "no image has the shape \(image)")
      encoding = .raw(image)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .encoding, in: members, debugDescription: "\"\(other)\" is neither \"jpeg\" nor \"raw\"")
    }
    schema = ShardSchema(
      split: try members.decode(String.self, forKey: .split), encoding: encoding,
      classes: try members.decode([ShardClass].self, forKey: .classes))
    shards = try members.decode([Entry].self, forKey: .shards)
    classHistogram = try members.decode([Int].self, forKey: .classHistogram)
    mean = try members.decode([Double].self, forKey: .mean)
    std = try members.decode([Double].self, forKey: .std)
    let sizes = 0...(1 << 50)
    try require(
      !shards.isEmpty
        && shards.allSatisfy {
          ShardFormat.isPlainFileName($0.file) && (0..<Int(Int32.max)).contains($0.samples) && sizes.contains($0.bytes)
        }, .shards, "there are none, or their names or sizes make no sense")
    try require(Set(shards.map(\.file)).count == shards.count, .shards, "a shard is listed twice")
    try require(!schema.classes.isEmpty, .classes, "there are none")
    try require(classHistogram.count == schema.classes.count, .classHistogram, "it does not match the classes")
    try require(
      classHistogram.allSatisfy { sizes.contains($0) } && classHistogram.reduce(0, +) == samples, .classHistogram,
      "it does not add up to the shards' samples")
    try require(mean.count == 3 && mean.allSatisfy { (0...1).contains($0) }, .mean, "it is not three numbers in 0...1")
    try require(std.count == 3 && std.allSatisfy { $0 > 0 && $0 <= 1 }, .std, "it is not three numbers in 0...1")
    let claimed = try members.decode(Int.self, forKey: .samples)
    try require(claimed == samples, .samples, "it says \(claimed), the shards add up to \(samples)")
  }
}
