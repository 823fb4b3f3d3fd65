import Files
import HDF5
import Tensors

/// Writes one shard, sample after sample.
///
/// The number of samples and of their bytes is fixed at the start, because the data are contiguous and allocated at
/// once. The shard is whole only after ``finish()``.
public struct ShardWriter: ~Copyable {
  private let file: File
  private let images: Dataset
  private let schema: ShardSchema
  private let sampleCount: Int
  private let byteCount: Int
  /// Bytes of each element of the images' first axis: an image if raw, else one byte.
  private let rowByteCount: Int
  private var pending: [UInt8] = []
  private var writtenByteCount = 0
  private var offsets: [UInt64] = [0]
  private var labels: [Int32] = []
  private var sampleIDs: [UInt64] = []
  private var checksums: [UInt32] = []

  /// Bytes go to the file in pieces of about this size.
  private static let pieceByteCount = 4 << 20

  /// Creates the shard `path`, replacing a file of that name, for `sampleCount` samples of `byteCount` bytes in all.
  public init(
    creating path: String, schema: ShardSchema, sampleCount: Int, byteCount: Int
  ) throws(ShardError) {
    let file = try writingHDF5 { () throws(HDF5Error) in try File(creating: path) }
    try writingHDF5 { () throws(HDF5Error) in
      try file.setAttribute("format", to: ShardFormat.name)
      try file.setAttribute("format_version", to: ShardFormat.version)
      try file.setAttribute("split", to: schema.split)
      try file.setAttribute("num_classes", to: schema.classes.count)
      try file.setAttribute("samples", to: sampleCount)
    }
    let images = try writingHDF5 { () throws(HDF5Error) in
      switch schema.encoding {
      case .jpeg:
        try file.createDataset("/jpeg_bytes", of: .uint8, shape: [byteCount])
      case .raw(let image):
        try file.createDataset(
          "/images", of: .uint8, shape: [sampleCount, image.height, image.width, image.channels])
      }
    }
    self.file = file
    self.images = images
    self.schema = schema
    self.sampleCount = sampleCount
    self.byteCount = byteCount
    rowByteCount =
      switch schema.encoding {
      case .jpeg: 1
      case .raw(let image): image.count
      }
    precondition(schema.encoding == .jpeg || byteCount == sampleCount * rowByteCount, "Raw images have one size.")
  }

  /// Adds the next sample.
  ///
  /// Its bytes are one JPEG file, or the pixels of one raw image.
  public mutating func append(_ sample: borrowing StoredSample) throws(ShardError) {
    precondition(labels.count < sampleCount, "The shard has all its samples.")
    precondition(schema.classes.indices.contains(sample.label), "The label is none of the classes.")
    precondition(schema.encoding == .jpeg || sample.bytes.count == rowByteCount, "The image has not the shard's size.")
    labels.append(Int32(sample.label))
    sampleIDs.append(sample.sampleID)
    checksums.append(sample.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) })
    offsets.append(offsets[offsets.count - 1] + UInt64(sample.bytes.count))
    pending.append(contentsOf: sample.bytes)
    if pending.count >= Self.pieceByteCount { try flush() }
  }

  /// Writes what is still pending and closes the file.
  public consuming func finish() throws(ShardError) {
    try flush()
    precondition(labels.count == sampleCount && writtenByteCount == byteCount, "The shard is not complete.")
    try writingHDF5 { () throws(HDF5Error) in
      if schema.encoding == .jpeg {
        let dataset = try file.createDataset("/jpeg_offsets", of: .uint64, shape: [offsets.count])
        try dataset.write(rows: 0..<offsets.count, from: offsets.span)
      }
      let labelSet = try file.createDataset("/labels", of: .int32, shape: [sampleCount])
      try labelSet.write(rows: 0..<sampleCount, from: labels.span)
      let identifierSet = try file.createDataset("/sample_id", of: .uint64, shape: [sampleCount])
      try identifierSet.write(rows: 0..<sampleCount, from: sampleIDs.span)
      let checksumSet = try file.createDataset("/crc32c", of: .uint32, shape: [sampleCount])
      try checksumSet.write(rows: 0..<sampleCount, from: checksums.span)
      try file.createGroup("/classes")
      try file.writeStrings(schema.classes.map(\.wnid), to: "/classes/wnid")
      try file.writeStrings(schema.classes.map(\.name), to: "/classes/name")
    }
    try close()
  }

  private mutating func flush() throws(ShardError) {
    let first = writtenByteCount / rowByteCount
    let rows = first..<first + pending.count / rowByteCount
    try writingHDF5 { () throws(HDF5Error) in try images.write(rows: rows, from: pending.span) }
    writtenByteCount += pending.count
    pending.removeAll(keepingCapacity: true)
  }

  private consuming func close() throws(ShardError) {
    let file = file
    do { try file.close() } catch { throw ShardError(writing: error) }
  }
}
