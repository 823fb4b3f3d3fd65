import Glibc

/// Writes a folder of shards, all of it or nothing.
///
/// Shards are written under temporary names. ``commit(mean:std:)`` renames them and writes the index last, so a folder
/// with an index is a whole set; dropped before, the writer removes what it wrote.
struct ShardSetWriter: ~Copyable {
  private let folder: String
  private let schema: ShardSchema
  private let lock: CInt
  private let madeFolder: Bool
  private var written: [ShardIndex.Entry] = []
  private var histogram: [Int]
  private var isCommitted = false

  /// Makes the folder ready.
  ///
  /// One that holds an index is refused unless `overwrite`; its shards stay until the commit.
  init(folder: String, schema: ShardSchema, overwrite: Bool) throws(ShardError) {
    guard ShardFormat.isPlainFileName(schema.split) else {
      throw ShardError(.badData, "Could not name the split \"\(schema.split)\": it becomes part of file names.")
    }
    let index = folder + "/" + ShardFormat.indexFile
    guard overwrite || access(index, F_OK) != 0 else {
      throw ShardError(
        .exists, "Could not write shards to \(folder): it already holds some; choose another or overwrite.")
    }
    let madeFolder = try makeFolder(folder)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ShardError(writing: "write to \(folder)", errno: errno) }
    // Where the file system cannot lock, two builds into one folder go unnoticed.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      close(descriptor)
      throw ShardError(.exists, "Could not write shards to \(folder): another build is writing there now.")
    }
    self.folder = folder
    self.schema = schema
    self.madeFolder = madeFolder
    lock = descriptor
    histogram = [Int](repeating: 0, count: schema.classes.count)
    removeFiles(of: folder, where: Self.isTemporary)
  }

  deinit {
    if !isCommitted {
      removeFiles(of: folder, where: Self.isTemporary)
      if madeFolder { rmdir(folder) }
    }
    close(lock)
  }

  /// Writes the next shard; without samples, none.
  mutating func writeShard(_ samples: [StoredSample]) throws(ShardError) {
    guard !samples.isEmpty else { return }
    let path = temporaryPath(written.count)
    let byteCount = samples.reduce(0) { $0 + $1.bytes.count }
    var writer = try ShardWriter(creating: path, schema: schema, sampleCount: samples.count, byteCount: byteCount)
    for sample in samples {
      try writer.append(sample)
      histogram[sample.label] += 1
    }
    try writer.finish()
    let file = try OpenFile(reading: path)
    try file.synchronize()
    written.append(
      ShardIndex.Entry(file: "", samples: samples.count, bytes: file.byteCount, crc32c: try file.checksum()))
  }

  /// Puts the shards in place, in place of those of an earlier set, and then their index.
  mutating func commit(mean: [Double], std: [Double]) throws(ShardError) -> ShardIndex {
    let earlier = (try? ShardIndex(folder: folder))?.shards.map(\.file) ?? []
    let indexPath = folder + "/" + ShardFormat.indexFile
    guard unlink(indexPath) == 0 || errno == ENOENT else {
      throw ShardError(writing: "replace \(indexPath)", errno: errno)
    }
    for file in earlier { unlink(folder + "/" + file) }
    for number in written.indices {
      let name = ShardFormat.fileName(split: schema.split, shard: number, of: written.count)
      guard rename(temporaryPath(number), folder + "/" + name) == 0 else {
        throw ShardError(writing: "write \(folder)/\(name)", errno: errno)
      }
      written[number].file = name
    }
    let index = ShardIndex(schema: schema, shards: written, classHistogram: histogram, mean: mean, std: std)
    fsync(lock)
    try index.write(to: folder)
    fsync(lock)
    isCommitted = true
    return index
  }

  private func temporaryPath(_ shard: Int) -> String {
    "\(folder)/.\(schema.split)-\(ShardFormat.fiveDigits(shard)).h5.partial"
  }

  private static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".partial") }
}
