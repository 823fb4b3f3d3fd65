import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Data that cannot be used") struct DataRefusalTests {
    @Test(arguments: [nil, 2]) func foldersThatAreNotThere(ranks: Int?) async throws {
      let fixture = try Fixture.shared()
      for key in ["data.train", "data.validation"] {
        let missing = fixture.newPath()
        let run = try fixture.newRun(.mlp, ["\(key)=\(missing)"])
        expectRefusal(try await run.train(ranks: ranks), 66, missing, "No such file or directory")
      }
    }

    @Test func foldersWithoutShards() async throws {
      let fixture = try Fixture.shared()
      let empty = fixture.newPath()
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let run = try fixture.newRun(.mlp, ["data.train=\(empty)"])
      expectRefusal(try await run.train(ranks: 2), 66, empty, "it has no index.json")
      let file = try fixture.newFile("x")
      expectRefusal(try await fixture.newRun(.mlp, ["data.train=\(file)"]).train(), 66, "it is not a folder")
      for command in ["inspect", "verify"] {
        expectRefusal(try await convoy(["data", command, fixture.newPath()]), 66, "No such file or directory")
      }
    }

    @Test func nothingToBuild() async throws {
      let fixture = try Fixture.shared()
      let output = fixture.newPath()
      let missing = fixture.newPath()
      expectRefusal(try await convoy(["data", "build", "--input", missing, "--output", output]), 66, missing)
      let empty = fixture.newPath()
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      expectRefusal(try await convoy(["data", "build", "--input", empty, "--output", output]), 66, empty, "no folders")
      try FileManager.default.createDirectory(atPath: empty + "/cat", withIntermediateDirectories: true)
      let none = try await convoy(["data", "build", "--input", empty, "--output", output])
      #expect([65, 66].contains(none.exitCode) && none.errors.contains(empty), "\(none)")
      #expect(!FileManager.default.fileExists(atPath: output + "/index.json"))
    }

    /// Named and counted; left out only when that is asked for.
    @Test func unreadableImages() async throws {
      let fixture = try Fixture.shared()
      let tree = fixture.newPath()
      let drawn = try await convoy([
        "data", "synth", "--count", "40", "--size", "16", "--tree", "--output", tree, "--quiet",
      ])
      try #require(drawn.succeeded, "\(drawn)")
      let images = try #require(FileManager.default.enumerator(atPath: tree)?.allObjects as? [String])
        .filter { $0.hasSuffix(".jpg") }.sorted()
      try #require(images.count == 40)
      let bytes = try #require(FileManager.default.contents(atPath: "\(tree)/\(images[3])"))
      try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: "\(tree)/\(images[3])"))
      try Data("no image".utf8).write(to: URL(fileURLWithPath: "\(tree)/\(images[20])"))
      try Data().write(to: URL(fileURLWithPath: "\(tree)/\(images[39])"))
      let bad = [images[3], images[20], images[39]]
      let output = fixture.newPath()
      let line = ["data", "build", "--input", tree, "--output", output, "--encode", "raw:16", "--quiet"]
      let refused = try await convoy(line)
      expectRefusal(refused, 65, "3 of 40 images are unreadable", "--skip-bad", bad[0], bad[1], bad[2])
      #expect(!FileManager.default.fileExists(atPath: output + "/index.json"))
      let skipped = try await convoy(line + ["--skip-bad"])
      #expect(skipped.succeeded && skipped.output.contains("37 images of 10 classes"), "\(skipped)")
      #expect(skipped.output.contains("3 unreadable skipped"), "\(skipped)")
      for name in bad { #expect(skipped.output.contains("skipped \(name): "), "\(skipped)") }
      try await fixture.newRun(.mlp, ["data.train=\(output)"]).finish(ranks: 2)
    }

    /// A parent that is there, and yet no place for a folder.
    @Test func whereNoFolderCanBeIsSaid() async throws {
      let link = try Fixture.shared().newPath()
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: link + ".gone")
      let line = ["data", "synth", "--count", "5", "--size", "16", "--quiet", "--output"]
      for path in ["/proc/none", link + "/shards"] { expectRefusal(try await convoy(line + [path]), 73, path) }
    }

    @Test func shardsAreNotOverwritten() async throws {
      let fixture = try Fixture.shared()
      let shards = try fixture.copyOfShards()
      let again = ["data", "synth", "--count", "20", "--size", "16", "--output", shards, "--quiet"]
      expectRefusal(try await convoy(again), 73, shards)
      let verified = try await convoy(["data", "verify", shards])
      #expect(verified.succeeded && verified.output.contains("160 images"), "\(verified)")
      let replaced = try await convoy(again + ["--overwrite"])
      #expect(replaced.succeeded, "\(replaced)")
      #expect(try await convoy(["data", "verify", shards]).output.contains("20 images"))
    }
  }
}
