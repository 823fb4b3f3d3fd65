import HDF5
import Tensors

/// One shard, read and checked: everything but the images themselves.
public struct ShardFile: Sendable {
  public let path: String
  public let schema: ShardSchema
  /// The size of the whole file.
  public let byteCount: Int
  public let labels: [Int32]
  public let sampleIDs: [UInt64]
  /// Of each sample's stored bytes.
  public let checksums: [UInt32]
  /// JPEG sample i is bytes offsets[i]..<offsets[i + 1] of the data; empty for raw images.
  let offsets: [UInt64]
  /// Where the data begin in the file, and how long they are.
  let dataOffset: Int
  let dataByteCount: Int

  public var count: Int { labels.count }

  /// Opens a shard and checks its format, version, types, shapes, offsets, labels and size.
  public init(_ path: String) throws(ShardError) {
    try self.init(unchecked: path)
    if let problem = firstProblem {
      throw ShardError(.badData, "Could not use \(path): sample \(problem.sample): \(problem.reason).")
    }
  }

  /// Opens a shard whose structure is right; offsets and labels may still be wrong.
  init(unchecked path: String) throws(ShardError) {
    let file = try readingHDF5 { () throws(HDF5Error) in try File(reading: path) }
    let samples = try Self.checkAttributes(file)
    labels = try Self.column("/labels", of: file, count: samples)
    sampleIDs = try Self.column("/sample_id", of: file, count: samples)
    checksums = try Self.column("/crc32c", of: file, count: samples)
    let split = try readingHDF5 { () throws(HDF5Error) in try file.stringAttribute("split") }
    let images = try Self.images(of: file, samples: samples)
    schema = ShardSchema(split: split, encoding: images.encoding, classes: try Self.classes(of: file))
    offsets = images.offsets
    dataOffset = images.offset
    dataByteCount = images.byteCount
    self.path = path
    byteCount = file.byteCount
  }

  /// Where sample `index` lies in the file; its offsets must be right.
  func byteRange(of index: Int) -> Range<Int> {
    switch schema.encoding {
    case .jpeg:
      dataOffset + Int(offsets[index])..<dataOffset + Int(offsets[index + 1])
    case .raw(let image):
      dataOffset + index * image.count..<dataOffset + (index + 1) * image.count
    }
  }

  /// Why the bytes of sample `index` cannot be where the shard says; nil if they can.
  func placeProblem(of index: Int) -> String? {
    guard schema.encoding == .jpeg else { return nil }
    let (start, end) = (offsets[index], offsets[index + 1])
    if start >= end { return "its offsets \(start) and \(end) do not ascend" }
    if end > UInt64(dataByteCount) { return "it ends beyond the data" }
    if end - start > UInt64(ShardFormat.longestSampleByteCount) { return "it claims \(end - start) bytes" }
    return nil
  }

  /// Why the label of sample `index` is wrong; nil if it is right.
  func labelProblem(of index: Int) -> String? {
    schema.classes.indices.contains(Int(labels[index]))
      ? nil : "its label \(labels[index]) is not in 0..<\(schema.classes.count)"
  }

  private var firstProblem: (sample: Int, reason: String)? {
    for index in 0..<count {
      if let reason = placeProblem(of: index) ?? labelProblem(of: index) { return (index, reason) }
    }
    return nil
  }
}
