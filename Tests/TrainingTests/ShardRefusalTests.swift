import Foundation
import HDF5
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Shards that cannot be used") struct ShardRefusalTests {
    /// What is done to the second of four shards.
    struct Damage: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var phrase: String
      var code: Int
      var apply: @Sendable (_ folder: String) throws -> Void

      init(_ name: String, _ phrase: String, code: Int = 65, _ apply: @escaping @Sendable (String) throws -> Void) {
        testDescription = name
        self.phrase = phrase
        self.code = code
        self.apply = apply
      }

      /// Another program's shard.
      init(foreign name: String, _ phrase: String, _ change: @escaping @Sendable (inout ForeignShard) -> Void) {
        self.init(name, phrase) { folder in
          var shard = try ForeignShard(of: folder)
          change(&shard)
          try shard.write()
        }
      }

      /// A dataset of the shard that is something else.
      init(
        _ name: String, replacing dataset: String, _ phrase: String,
        _ edit: @escaping @Sendable (borrowing File) throws -> Void
      ) {
        self.init(foreign: name, phrase) { shard in
          shard.left = [dataset]
          shard.edit = edit
        }
      }
    }

    static let damages = [
      Damage("missing", "it is not there", code: 66) {
        try FileManager.default.removeItem(atPath: $0 + "/" + ForeignShard.name)
      },
      Damage("truncated", "it was truncated or replaced") {
        try damage($0 + "/" + ForeignShard.name) { $0 = $0.prefix($0.count - 100) }
      },
      Damage("empty", "it has 0 bytes") { try damage($0 + "/" + ForeignShard.name) { $0 = Data() } },
      Damage("header overwritten", ForeignShard.name) {
        try damage($0 + "/" + ForeignShard.name) { $0.replaceSubrange(0..<64, with: Data(repeating: 7, count: 64)) }
      },
      Damage(foreign: "label too large", "its label 10 is not in 0..<10") { $0.labels[3] = 10 },
      Damage(foreign: "label negative", "its label -1 is not in 0..<10") { $0.labels[0] = -1 },
      Damage(foreign: "images without axes", "the shape of \"/images\" is") { $0.shape = [$0.images.count] },
      Damage(foreign: "too few labels", "the shape of \"/labels\"") { $0.labels.removeLast() },
      Damage(foreign: "other size", "its images are stored otherwise") {
        $0.shape = [$0.shape[0], 8, 32, 3]
      },
      Damage(foreign: "other classes", "its classes are not those of index.json") { $0.classes[2] = "zebra" },
      Damage("labels of another type", replacing: "/labels", "are uint8, not int32") {
        let labels = try $0.createDataset("/labels", of: .uint8, shape: [40])
        try labels.write(rows: 0..<40, from: [UInt8](repeating: 0, count: 40).span)
      },
      Damage("soft link", replacing: "/crc32c", "is a soft link") {
        try $0.createSoftLink("/crc32c", to: "/sample_id")
      },
      Damage("external link", replacing: "/labels", "is an external link") {
        try $0.createExternalLink("/labels", to: "/labels", of: "train-00000-of-00004.h5")
      },
      Damage("external storage", replacing: "/images", "external storage") {
        try $0.createRefusedDataset("/images", storage: .external, count: 64, other: "/etc/hostname")
      },
      Damage("chunks", replacing: "/images", "its storage is chunked") {
        try $0.createRefusedDataset("/images", storage: .chunked, count: 64)
      },
    ]

    @Test(arguments: damages) func areRefusedBeforeTraining(_ damage: Damage) async throws {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      try damage.apply(shards)
      let run = try fixture.newRun(.mlp, ["data.train=\(shards)"])
      expectRefusal(try await run.train(ranks: 2), damage.code, damage.phrase, "train-00001-of-00004.h5")
      #expect(!FileManager.default.fileExists(atPath: run.directory + "/metrics.jsonl"))
      let verified = try await convoy(["data", "verify", shards, "--quiet"])
      #expect([65, 66].contains(verified.exitCode), "\(verified)")
      #expect((verified.output + verified.errors).contains("train-00001-of-00004.h5"), "\(verified)")
    }

    /// What is written back unchanged is fine: the tests above refuse for the reason they give.
    @Test func aForeignShardIsWelcome() async throws {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      try ForeignShard(of: shards).write()
      let status = try await fixture.newRun(.mlp, ["data.train=\(shards)"]).finish(ranks: 2)
      #expect(try await status.weightsHash == fixture.referenceHash(.mlp, []))
    }

    /// Found when the sample is read: all ranks end, and what was saved stays sound.
    @Test func aFlippedByte() async throws {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      let path = shards + "/" + ForeignShard.name
      let start = try File(reading: path).dataset("/images").offset
      try damage(path) { $0[start + 5 * 16 * 16 * 3 + 9] ^= 4 }
      let run = try fixture.newRun(.mlp, ["data.train=\(shards)", "train.steps=20", "checkpoint.everySteps=1"])
      let ended = try await run.train(ranks: 2)
      expectRefusal(ended, 65, "sample 5 of train-00001-of-00004.h5", "checksum")
      let status = try run.status()
      #expect(status.state == .failed && status.code == 65 && status.reason?.contains("sample 5 of") == true)
      #expect(status.step < 10)
      if status.step > 0 {
        let verified = try await convoy(["checkpoint", "verify", run.directory])
        #expect(verified.succeeded, "\(verified)")
      }
      let found = try await convoy(["data", "verify", shards, "--quiet"])
      #expect(found.exitCode == 65 && found.output.contains(ForeignShard.name), "\(found)")
    }

    @Test func aFlippedByteOfValidation() async throws {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      let path = shards + "/" + ForeignShard.name
      let start = try File(reading: path).dataset("/images").offset
      try damage(path) { $0[start] ^= 1 }
      let run = try fixture.newRun(.mlp, ["data.validation=\(shards)"])
      expectRefusal(try await run.train(ranks: 2), 65, "sample 0 of train-00001-of-00004.h5", "checksum")
    }

    @Test(arguments: ["{", "{}", "[]", "{\"format\": \"convoy-shards\"}"]) func aBrokenIndex(_ text: String)
      async throws
    {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      try Data(text.utf8).write(to: URL(fileURLWithPath: shards + "/index.json"))
      let run = try fixture.newRun(.mlp, ["data.train=\(shards)"])
      expectRefusal(try await run.train(), 65, "\(shards)/index.json")
    }
  }
}
