import Files
import Foundation
import HDF5
import Shards
import Tensors
import Testing

@Suite("A shard file")
struct ShardFileTests {
  @Test(arguments: [SampleEncoding.jpeg, .raw(Shape(channels: 3, height: 1, width: 2))])
  func holdsWhatWasWritten(_ encoding: SampleEncoding) throws {
    try withShardFolder { folder in
      let schema = ShardSchema(
        split: "validation", encoding: encoding,
        classes: [ShardClass(wnid: "n1", name: "ein Hündchen"), ShardClass(wnid: "n2", name: "")])
      let samples = (0..<5).map { number in
        StoredSample(
          bytes: (0..<(encoding == .jpeg ? 3 + number : 6)).map { UInt8(number * 16 + $0) }, label: number % 2,
          sampleID: UInt64(1) << 40 + UInt64(number))
      }
      var writer = try ShardWriter(
        creating: folder + "/a.h5", schema: schema, sampleCount: 5,
        byteCount: samples.reduce(0) { $0 + $1.bytes.count })
      for sample in samples { try writer.append(sample) }
      try writer.finish()
      let shard = try ShardFile(folder + "/a.h5")
      #expect(shard.schema == schema)
      #expect(shard.labels == [0, 1, 0, 1, 0])
      #expect(shard.sampleIDs == samples.map(\.sampleID))
      #expect(shard.checksums == samples.map { $0.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) } })
      #expect(shard.byteCount == (try contents(folder + "/a.h5").count))
    }
  }

  /// What is wrong with a file, and what the error must say.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var message: String
    var shard: @Sendable () -> ForeignShard

    init(_ name: String, _ message: String, _ edit: @escaping @Sendable (inout ForeignShard) -> Void) {
      testDescription = name
      self.message = message
      shard = {
        var shard = ForeignShard()
        edit(&shard)
        return shard
      }
    }
  }

  static let refusals: [Refusal] = [
    Refusal("format", "its format is \"zebra\"") { $0.format = "zebra" },
    Refusal("version", "its format version is 2, this program reads 1") { $0.version = 2 },
    Refusal("no samples attribute", "there is no such attribute") { $0.left = ["samples"] },
    Refusal("negative count", "it claims -1 samples") { $0.claimedSamples = -1 },
    Refusal("other count", "the shape of \"/labels\" is [2], not [3]") { $0.claimedSamples = 3 },
    Refusal("label too large", "sample 1: its label 2 is not in 0..<2") { $0.labels = [0, 2] },
    Refusal("labels from 1", "sample 1: its label 2 is not in 0..<2") { $0.labels = [1, 2] },
    Refusal("negative label", "sample 0: its label -1 is not in 0..<2") { $0.labels = [-1, 0] },
    Refusal("label type", "the elements of \"/labels\" are uint64, not int32") { $0.labelType = .uint64 },
    Refusal("label shape", "the shape of \"/labels\" is [3], not [2]") { $0.labels = [0, 0, 0] },
    Refusal("no checksums", "there is no \"/crc32c\"") { $0.left = ["crc32c"] },
    Refusal("id shape", "the shape of \"/sample_id\" is [1], not [2]") { $0.sampleIDs = [0] },
    Refusal("offsets not from 0", "do not run from 0 to the 5 bytes") { $0.offsets = [1, 3, 5] },
    Refusal("offsets not to the end", "do not run from 0 to the 5 bytes") { $0.offsets = [0, 3, 6] },
    Refusal("offsets descend", "sample 0: its offsets 0 and 0 do not ascend") { $0.offsets = [0, 0, 5] },
    Refusal("offset beyond", "sample 0: it ends beyond the data") { $0.offsets = [0, 1 << 40, 5] },
    Refusal("too few offsets", "the shape of \"/jpeg_offsets\" is [2], not [3]") { $0.offsets = [0, 5] },
    Refusal("both encodings", "it has both") { $0.imageShape = [2, 1, 1, 3] },
    Refusal("no images", "it has neither") { $0.jpegByteCount = nil },
    Refusal("two dimensions", "the shape of \"/images\" is [2, 3]") {
      $0.jpegByteCount = nil
      $0.imageShape = [2, 3]
    },
    Refusal("five channels", "the shape of \"/images\" is [2, 1, 1, 5]") {
      $0.jpegByteCount = nil
      $0.imageShape = [2, 1, 1, 5]
    },
    Refusal("class count", "it claims 3 classes and names 2") { $0.claimedClasses = 3 },
    Refusal("soft link", "is a soft link") {
      $0.edit = { file in
        try file.unlink("/labels")
        try file.createSoftLink("/labels", to: "/crc32c")
      }
    },
    Refusal("external link", "is an external link") {
      $0.edit = { file in
        try file.unlink("/classes")
        try file.createExternalLink("/classes", to: "/classes", of: "other.h5")
      }
    },
    Refusal("external storage", "external storage") {
      $0.edit = { file in
        try file.unlink("/jpeg_bytes")
        try file.createRefusedDataset("/jpeg_bytes", storage: .external, count: 5, other: "/etc/passwd")
      }
    },
    Refusal("virtual dataset", "its storage is virtual") {
      $0.edit = { file in
        try file.unlink("/jpeg_bytes")
        try file.createRefusedDataset("/jpeg_bytes", storage: .virtual, count: 5)
      }
    },
    Refusal("chunked", "its storage is chunked") {
      $0.edit = { file in
        try file.unlink("/jpeg_bytes")
        try file.createRefusedDataset("/jpeg_bytes", storage: .chunked, count: 5)
      }
    },
  ]

  @Test func foreignShardsAreReadWhenRight() throws {
    try withShardFolder { folder in
      try ForeignShard().write(to: folder + "/a.h5")
      #expect(try ShardFile(folder + "/a.h5").labels == [0, 1])
    }
  }

  @Test(arguments: refusals) func isRefused(_ refusal: Refusal) throws {
    try withShardFolder { folder in
      let path = folder + "/a.h5"
      try refusal.shard().write(to: path)
      try expectShardError(.badData, refusal.message) { _ = try ShardFile(path) }
      try expectShardError(.badData, path) { _ = try ShardFile(path) }
      let report = try ShardVerification(path: path, decodes: false, threads: 1).run()
      #expect(report.problems.contains { $0.shard == path }, "\(report)")
    }
  }

  @Test func fullDiskHasItsOwnKind() throws {
    let schema = ShardSchema(split: "train", encoding: .jpeg, classes: [ShardClass(wnid: "a", name: "a")])
    try expectShardError(.diskFull, "No space left on device") {
      var writer = try ShardWriter(creating: "/dev/full", schema: schema, sampleCount: 1, byteCount: 1 << 20)
      try writer.append(StoredSample(bytes: [UInt8](repeating: 1, count: 1 << 20), label: 0, sampleID: 0))
      try writer.finish()
    }
  }
}
