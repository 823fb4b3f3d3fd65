/// The names that every shard and index shares.
enum ShardFormat {
  static let name = "convoy-shard"
  static let version = 1
  static let indexName = "convoy-shard-index"
  static let indexFile = "index.json"

  /// The longest stored image: a shard that claims more per sample is broken or hostile.
  static let longestSampleByteCount = 1 << 30

  /// `train-00012-of-00128.h5`.
  static func fileName(split: String, shard: Int, of count: Int) -> String {
    "\(split)-\(fiveDigits(shard))-of-\(fiveDigits(count)).h5"
  }

  /// A name that is one plain file of a folder, whatever it was read from.
  static func isPlainFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
  }

  static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// One class of a data set: the name of its folder and the name for people.
public struct ShardClass: Hashable, Sendable, Codable {
  /// The name of the class's folder; for ImageNet a WordNet id such as `n01440764`.
  public var wnid: String
  /// What people call it, such as `tench, Tinca tinca`.
  public var name: String

  public init(wnid: String, name: String) {
    self.wnid = wnid
    self.name = name
  }
}

/// What all shards of one set have in common.
public struct ShardSchema: Hashable, Sendable {
  /// Which part of the data this is, such as `train`: it begins the shards' file names.
  public var split: String
  public var encoding: SampleEncoding
  /// Class `label`'s names stand at index `label`.
  public var classes: [ShardClass]

  public init(split: String, encoding: SampleEncoding, classes: [ShardClass]) {
    self.split = split
    self.encoding = encoding
    self.classes = classes
  }
}

/// One image as it is stored.
public struct StoredSample: Sendable {
  public var bytes: [UInt8]
  public var label: Int
  public var sampleID: UInt64

  public init(bytes: [UInt8], label: Int, sampleID: UInt64) {
    self.bytes = bytes
    self.label = label
    self.sampleID = sampleID
  }
}
