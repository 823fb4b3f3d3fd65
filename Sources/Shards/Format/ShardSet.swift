import Files
import Tensors

/// A folder of shards, opened to be read: which samples there are, and their bytes.
///
/// Opening reads all labels, numbers and places at once, so that a sample costs one `pread`, outside libhdf5 and its
/// lock. Safe to use from several threads.
public final class ShardSet: Sendable {
  public let folder: String
  public let index: ShardIndex
  private let files: [OpenFile]
  /// The first sample of each shard, and at the end the number of all.
  private let firstSamples: [Int]
  private let labels: [Int32]
  private let sampleIDs: [UInt64]
  private let checksums: [UInt32]
  /// Where each sample lies in its file.
  private let starts: [Int]
  private let sizes: [UInt32]

  public var encoding: SampleEncoding { index.schema.encoding }
  public var classes: [ShardClass] { index.schema.classes }
  /// Of red, green and blue over all pixels, where 1 is white.
  public var mean: [Double] { index.mean }
  public var std: [Double] { index.std }
  public var count: Int { labels.count }

  /// Opens every shard that `folder`'s index lists; each must be there, whole, and as the index says.
  public init(folder: String) throws(ShardError) {
    let index = try ShardIndex(folder: folder)
    var files: [OpenFile] = []
    var firstSamples = [0]
    var labels: [Int32] = []
    var sampleIDs: [UInt64] = []
    var checksums: [UInt32] = []
    var starts: [Int] = []
    var sizes: [UInt32] = []
    labels.reserveCapacity(index.samples)
    sampleIDs.reserveCapacity(index.samples)
    checksums.reserveCapacity(index.samples)
    starts.reserveCapacity(index.samples)
    sizes.reserveCapacity(index.samples)
    for entry in index.shards {
      let file = try OpenFile(listedAs: entry, in: folder)
      let shard = try ShardFile(file.path)
      if let difference = shard.difference(from: entry, schema: index.schema) {
        throw ShardError(.badData, "Could not use \(file.path): \(difference).")
      }
      files.append(file)
      labels += shard.labels
      sampleIDs += shard.sampleIDs
      checksums += shard.checksums
      for sample in 0..<shard.count {
        let range = shard.byteRange(of: sample)
        starts.append(range.lowerBound)
        sizes.append(UInt32(range.count))
      }
      firstSamples.append(labels.count)
    }
    self.folder = folder
    self.index = index
    self.files = files
    self.firstSamples = firstSamples
    self.labels = labels
    self.sampleIDs = sampleIDs
    self.checksums = checksums
    self.starts = starts
    self.sizes = sizes
  }

  /// The shard that holds sample `index`, and its place there.
  public func location(of index: Int) -> (shard: Int, sample: Int) {
    precondition(labels.indices.contains(index), "Sample \(index) of \(count).")
    var range = 0..<files.count
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      range = firstSamples[middle] <= index ? middle..<range.upperBound : range.lowerBound..<middle
    }
    return (range.lowerBound, index - firstSamples[range.lowerBound])
  }

  /// The number of stored bytes of sample `index`.
  public func byteCount(of index: Int) -> Int { Int(sizes[index]) }
}

extension ShardSet: SampleSource {
  public func label(of index: Int) -> Int { Int(labels[index]) }

  public func sampleID(of index: Int) -> UInt64 { sampleIDs[index] }

  public func place(of index: Int) -> String {
    let (shard, sample) = location(of: index)
    return "sample \(sample) of \(self.index.shards[shard].file)"
  }

  public func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
    let file = files[location(of: index).shard]
    buffer.resize(to: Int(sizes[index]))
    let checksum = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(ShardError) in
      try file.read(at: starts[index], into: UnsafeMutableRawBufferPointer(bytes))
      return CRC32C.checksum(of: UnsafeRawBufferPointer(bytes))
    }
    guard checksum == checksums[index] else {
      throw ShardError(
        .badData,
        "Could not use \(place(of: index)) in \(folder): its checksum is wrong, the file was damaged; copy or build "
          + "the shards anew.")
    }
  }
}

extension OpenFile {
  /// Opens a shard of `folder` that must be as long as its index says.
  convenience init(listedAs entry: ShardIndex.Entry, in folder: String) throws(ShardError) {
    do {
      try self.init(reading: folder + "/" + entry.file)
    } catch {
      guard error.kind == .missing else { throw error }
      throw ShardError(
        .missing,
        "Could not open \(folder)/\(entry.file): \(ShardFormat.indexFile) lists it, but it is not there.")
    }
    guard byteCount == entry.bytes else {
      throw ShardError(
        .badData,
        "Could not use \(path): it has \(byteCount) bytes, not the \(entry.bytes) of \(ShardFormat.indexFile); it was "
          + "truncated or replaced.")
    }
  }
}

extension ShardFile {
  /// How the shard differs from what the index says of it; nil if it does not.
  func difference(from entry: ShardIndex.Entry, schema wanted: ShardSchema) -> String? {
    let index = ShardFormat.indexFile
    if count != entry.samples { return "it has \(count) samples, \(index) says \(entry.samples)" }
    if schema.split != wanted.split { return "its split is \"\(schema.split)\", \(index) says \"\(wanted.split)\"" }
    if schema.encoding != wanted.encoding { return "its images are stored otherwise than \(index) says" }
    if schema.classes != wanted.classes { return "its classes are not those of \(index)" }
    return nil
  }
}
