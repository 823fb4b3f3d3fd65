import Foundation
import Shards
import Synchronization
import Testing

@Suite("A set of shards")
struct ShardSetTests {
  @Test func givesEverySampleBack() throws {
    try withShardFolder { folder in
      let index = try makeRawShards(folder)
      #expect(index.shards.map(\.file) == (0..<3).map { "train-0000\($0)-of-00003.h5" })
      let set = try ShardSet(folder: folder)
      #expect(set.count == 30 && set.index == index)
      var buffer: [UInt8] = []
      for sample in 0..<30 {
        try set.read(sample, into: &buffer)
        let (image, label) = ShardSynthesis.picture(seed: 1, index: sample, size: 8)
        #expect(buffer == image.pixels && set.label(of: sample) == label && set.sampleID(of: sample) == UInt64(sample))
      }
      #expect(set.place(of: 12) == "sample 2 of train-00001-of-00003.h5")
      #expect(set.location(of: 29) == (2, 9))
    }
  }

  @Test func isReadByManyThreads() throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let set = try ShardSet(folder: folder)
      let failures = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        var buffer: [UInt8] = []
        for turn in 0..<300 {
          let sample = (turn * 7 + worker) % 30
          let isRight =
            (try? set.read(sample, into: &buffer)) != nil
            && buffer == ShardSynthesis.picture(seed: 1, index: sample, size: 8).image.pixels
          if !isRight { failures.withLock { $0 += 1 } }
        }
      }
      #expect(failures.withLock { $0 } == 0)
    }
  }

  @Test func keepsTheCallersBuffer() throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let set = try ShardSet(folder: folder)
      var buffer: [UInt8] = []
      try set.read(0, into: &buffer)
      let place = buffer.withUnsafeBufferPointer { $0.baseAddress }
      for sample in 1..<30 { try set.read(sample, into: &buffer) }
      #expect(buffer.withUnsafeBufferPointer { $0.baseAddress } == place)
    }
  }

  @Test func missingFolderIndexOrShard() throws {
    try withShardFolder { folder in
      try expectShardError(.missing, "No such file") { _ = try ShardSet(folder: folder + "/no") }
      try expectShardError(.missing, "it has no index.json") { _ = try ShardSet(folder: folder) }
      try makeRawShards(folder)
      try FileManager.default.removeItem(atPath: folder + "/train-00001-of-00003.h5")
      try expectShardError(.missing, "train-00001-of-00003.h5: index.json lists it, but it is not there") {
        _ = try ShardSet(folder: folder)
      }
      let report = try ShardVerification(path: folder, decodes: false, threads: 2).run()
      #expect(report.problems.map(\.shard) == ["train-00001-of-00003.h5"])
    }
  }

  @Test(arguments: [0, 1, 2000, 3000]) func truncatedShard(_ byteCount: Int) throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let path = folder + "/train-00002-of-00003.h5"
      try write(Array(try contents(path).prefix(byteCount)), to: path)
      try expectShardError(.badData, "train-00002-of-00003.h5: it has \(byteCount) bytes") {
        _ = try ShardSet(folder: folder)
      }
      let report = try ShardVerification(path: folder, decodes: false, threads: 2).run()
      #expect(!report.isSound && report.problems.allSatisfy { $0.shard == "train-00002-of-00003.h5" })
    }
  }

  @Test func flippedByteIsNamed() throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let path = folder + "/train-00001-of-00003.h5"
      var bytes = try contents(path)
      let image = ShardSynthesis.picture(seed: 1, index: 14, size: 8).image.pixels
      let start = try #require((0..<bytes.count - 192).first { Array(bytes[$0..<$0 + 192]) == image })
      bytes[start + 100] ^= 1
      try write(bytes, to: path)
      let set = try ShardSet(folder: folder)
      var buffer: [UInt8] = []
      try set.read(13, into: &buffer)
      try expectShardError(.badData, "sample 4 of train-00001-of-00003.h5") { try set.read(14, into: &buffer) }
      let report = try ShardVerification(path: folder, decodes: false, threads: 2).run()
      #expect(report.problems.map(\.sample) == [nil, 4], "\(report.problems)")
      #expect(report.samples == 30)
    }
  }

  @Test func anotherShardOfTheSameSizeIsFound() throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      try write(try contents(folder + "/train-00000-of-00003.h5"), to: folder + "/train-00001-of-00003.h5")
      let report = try ShardVerification(path: folder, decodes: false, threads: 2).run()
      #expect(report.problems.contains { $0.description.contains("the checksum of the file") })
      #expect(report.problems.contains { $0.description.contains("occurs twice") })
    }
  }

  static let indexEdits: [(String, String, String)] = [
    ("\"samples\" : 10", "\"samples\" : 11", "do"), ("convoy-shard-index", "zebra", "it is \"zebra\""),
    ("\"format_version\" : 1", "\"format_version\" : 9", "this program reads version 1"),
    ("train-00001-of-00003.h5", "../train-00001-of-00003.h5", "their names"),
    ("train-00001-of-00003.h5", "train-00000-of-00003.h5", "listed twice"),
    ("\"split\" : \"train\"", "\"split\" : \"test\"", "its split is"),
    ("\"encoding\" : \"raw\"", "\"encoding\" : \"gif\"", "gif"),
    ("\"encoding\" : \"raw\"", "\"encoding\" : \"jpeg\"", "stored otherwise"),
    ("\"std\"", "\"sdt\"", "\"std\" is missing"),
    ("\"wnid\" : \"heart\"", "\"wnid\" : \"hurt\"", "its classes are not"), ("{", "", "it is not JSON"),
  ]

  @Test(arguments: indexEdits) func editedIndexIsRefused(_ old: String, _ new: String, _ message: String) throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let path = folder + "/index.json"
      let text = String(decoding: try contents(path), as: UTF8.self)
      let range = try #require(text.range(of: old))
      try write(Array(text.replacingCharacters(in: range, with: new).utf8), to: path)
      try expectShardError(.badData, message) { _ = try ShardSet(folder: folder) }
      #expect(try ShardVerification(path: folder, decodes: false, threads: 2).run().isSound == false)
    }
  }

  @Test func soundSetHasNoProblems() throws {
    try withShardFolder { folder in
      let index = try makeRawShards(folder)
      let last = Mutex(ShardProgress?.none)
      let report = try ShardVerification(path: folder, decodes: true, threads: 2).run { progress in
        last.withLock { $0 = progress }
      }
      #expect(report.problems == [] && report.samples == 30 && report.shards == 3 && report.bytes == index.bytes)
      #expect(last.withLock { $0?.done } == 30)
      let one = try ShardVerification(path: folder + "/train-00000-of-00003.h5", decodes: true, threads: 1).run()
      #expect(one.isSound && one.samples == 10)
    }
  }

  @Test func inspectionTellsTheSame() throws {
    try withShardFolder { folder in
      let index = try makeRawShards(folder)
      let set = try ShardInspection(folder)
      #expect(set.samples == 30 && set.bytes == index.bytes && set.encoding == "raw 8×8×3" && set.mean == index.mean)
      #expect(set.classes.map(\.samples) == [Int](repeating: 3, count: 10))
      #expect(set.description.contains("train-00002-of-00003.h5"))
      let json = try JSONDecoder().decode(ShardInspection.self, from: try JSONEncoder().encode(set))
      #expect(json.description == set.description)
      let shard = try ShardInspection(folder + "/train-00002-of-00003.h5")
      #expect(shard.samples == 10 && shard.mean == nil && shard.bytes == index.shards[2].bytes)
    }
  }

  static let h5ls = ["/usr/bin/h5ls", "/usr/local/bin/h5ls"].first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(.enabled(if: h5ls != nil, "hdf5-tools are not installed")) func isReadByH5ls() throws {
    try withShardFolder { folder in
      try makeRawShards(folder)
      let tool = Process()
      tool.executableURL = URL(fileURLWithPath: try #require(Self.h5ls))
      tool.arguments = ["-r", folder + "/train-00000-of-00003.h5"]
      let output = Pipe()
      tool.standardOutput = output
      try tool.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      tool.waitUntilExit()
      #expect(tool.terminationStatus == 0)
      let lines = text.split(separator: "\n").map { line in
        line.split(separator: " ", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      }
      #expect(lines.contains(["/images", "Dataset {10, 8, 8, 3}"]), "\(text)")
      #expect(lines.contains(["/labels", "Dataset {10}"]) && lines.contains(["/classes/wnid", "Dataset {10}"]))
    }
  }
}
