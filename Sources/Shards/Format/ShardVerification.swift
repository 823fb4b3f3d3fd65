import Files
import Glibc
import Tensors

/// Reads every byte of a set of shards, or of one shard, and lists everything that is wrong.
public struct ShardVerification: Sendable {
  /// One thing that is wrong.
  public struct Problem: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The file.
    public var shard: String
    /// The sample's place in the shard, where the problem is with one.
    public var sample: Int?
    public var reason: String

    public var description: String {
      if let sample { return "\(shard): sample \(sample): \(reason)" }
      return "\(shard): \(reason)"
    }
  }

  /// What was looked at, and what was wrong.
  public struct Report: Sendable, Codable {
    public var shards = 0
    /// The samples whose bytes were read.
    public var samples = 0
    public var bytes = 0
    public var problems: [Problem] = []

    public var isSound: Bool { problems.isEmpty }
  }

  /// A folder with an index, or one shard.
  public var path: String
  /// Decode every JPEG too.
  public var decodes: Bool
  public var threads: Int

  public init(path: String, decodes: Bool, threads: Int) {
    self.path = path
    self.decodes = decodes
    self.threads = threads
  }

  /// Verifies, and throws only if there is nothing to verify.
  ///
  /// `progress` is called by one thread at a time.
  public func run(progress: @escaping @Sendable (ShardProgress) -> Void = { _ in }) throws(ShardError) -> Report {
    var status = stat()
    guard stat(path, &status) == 0 else { throw ShardError(reading: "open \(path)", errno: errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      let shard = try? ShardFile(unchecked: path)
      var check = ShardCheck(self, meter: ProgressMeter(total: shard?.count ?? 0, report: progress))
      check.verify(path, entry: nil, schema: nil)
      return check.report
    }
    let index: ShardIndex
    do {
      index = try ShardIndex(folder: path)
    } catch {
      guard error.kind == .badData else { throw error }
      return Report(problems: [Problem(shard: ShardFormat.indexFile, sample: nil, reason: error.description)])
    }
    var check = ShardCheck(self, meter: ProgressMeter(total: index.samples, report: progress))
    for entry in index.shards { check.verify(path + "/" + entry.file, entry: entry, schema: index.schema) }
    check.compare(with: index)
    return check.report
  }
}

/// The state of one verification.
private struct ShardCheck {
  private let verification: ShardVerification
  private let meter: ProgressMeter
  var report = ShardVerification.Report()
  private var histogram: [Int: Int] = [:]
  private var seen: Set<UInt64> = []

  init(_ verification: ShardVerification, meter: ProgressMeter) {
    self.verification = verification
    self.meter = meter
  }

  /// Verifies one shard: against its index entry, its own structure, and sample by sample.
  mutating func verify(_ path: String, entry: ShardIndex.Entry?, schema: ShardSchema?) {
    let name = entry?.file ?? path
    func problem(_ reason: String, sample: Int? = nil) -> ShardVerification.Problem {
      ShardVerification.Problem(shard: name, sample: sample, reason: reason)
    }
    report.shards += 1
    do throws(ShardError) {
      let file = try OpenFile(reading: path)
      report.bytes += file.byteCount
      if let entry {
        if file.byteCount != entry.bytes {
          report.problems.append(problem("it has \(file.byteCount) bytes, the index says \(entry.bytes)"))
        }
        if ShardIndex.Entry.hexadecimal(try file.checksum()) != entry.crc32c {
          report.problems.append(problem("the checksum of the file is not that of the index"))
        }
      }
      let shard = try ShardFile(unchecked: path)
      if let entry, let schema, let difference = shard.difference(from: entry, schema: schema) {
        report.problems.append(problem(difference))
      }
      let (verification, meter) = (verification, meter)
      let reasons = concurrentMap(shard.count, threads: verification.threads) { sample in
        let reasons = Self.problems(of: sample, in: shard, file: file, decodes: verification.decodes)
        meter.advance(bytes: shard.placeProblem(of: sample) == nil ? shard.byteRange(of: sample).count : 0)
        return reasons
      }
      for (sample, reasons) in reasons.enumerated() {
        for reason in reasons { report.problems.append(problem(reason, sample: sample)) }
        histogram[Int(shard.labels[sample]), default: 0] += 1
        if !seen.insert(shard.sampleIDs[sample]).inserted {
          report.problems.append(problem("its sample_id \(shard.sampleIDs[sample]) occurs twice", sample: sample))
        }
      }
      report.samples += shard.count
    } catch {
      report.problems.append(problem(error.description))
    }
  }

  /// Compares the classes of all shards with the index.
  mutating func compare(with index: ShardIndex) {
    guard report.samples == index.samples else { return }
    for (label, count) in index.classHistogram.enumerated() where histogram[label, default: 0] != count {
      report.problems.append(
        ShardVerification.Problem(
          shard: ShardFormat.indexFile, sample: nil,
          reason: "it counts \(count) samples of class \(label), the shards hold \(histogram[label, default: 0])"))
    }
  }

  private static func problems(
    of sample: Int, in shard: ShardFile, file: OpenFile, decodes: Bool
  ) -> [String] {
    var reasons = [shard.labelProblem(of: sample)].compactMap(\.self)
    if let reason = shard.placeProblem(of: sample) { return reasons + [reason] }
    let range = shard.byteRange(of: sample)
    var bytes = [UInt8](repeating: 0, count: range.count)
    do throws(ShardError) {
      try bytes.withUnsafeMutableBufferPointer { (bytes) throws(ShardError) in
        try file.read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(bytes))
      }
      if bytes.withUnsafeBytes({ CRC32C.checksum(of: $0) }) != shard.checksums[sample] {
        reasons.append("its checksum is wrong")
      }
      guard decodes, shard.schema.encoding == .jpeg else { return reasons }
      _ = try bytes.withUnsafeBufferPointer { (bytes) throws(ShardError) in
        try RGBImage(decoding: UnsafeRawBufferPointer(bytes), named: "the image")
      }
    } catch {
      reasons.append(error.description)
    }
    return reasons
  }
}
