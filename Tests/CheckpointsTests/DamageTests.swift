import Checkpoints
import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A damaged checkpoint is noticed, and the older one is used")
struct DamageTests {
  static let files = ["MANIFEST.json", "model.safetensors", "optimizer.safetensors", "state.json"]

  /// A store with a sound step 1 and a step 2 to be damaged.
  static func withTwo(_ body: (CheckpointStore, _ newest: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      try Fixture.save(1, in: store)
      try body(store, try Fixture.save(2, in: store).entry.path)
    }
  }

  /// Expects that step 2 is reported as broken once and step 1 is used.
  static func expectOlder(_ store: CheckpointStore, _ label: @autoclosure () -> String) throws {
    var reports: [CheckpointError] = []
    let step = try Fixture.latestStep(store) { reports.append($0) }
    #expect(step == 1 && reports.map(\.kind) == [.corrupt], "\(label()): \(reports)")
  }

  @Test(arguments: files) func aFlippedBitAnywhere(name: String) throws {
    try Self.withTwo { store, newest in
      let path = newest + "/" + name
      let descriptor = open(path, O_RDWR)
      defer { close(descriptor) }
      let sound = try ReadableFile(path).contents(limit: 1 << 20)
      for place in sound.indices {
        var damaged = sound[place] ^ (1 << UInt8(place % 8))
        #expect(pwrite(descriptor, &damaged, 1, off_t(place)) == 1)
        try Self.expectOlder(store, "\(name), byte \(place)")
        damaged = sound[place]
        #expect(pwrite(descriptor, &damaged, 1, off_t(place)) == 1)
      }
      #expect(try Fixture.latestStep(store) == 2)
    }
  }

  @Test(arguments: files) func aCutAtAnyLength(name: String) throws {
    try Self.withTwo { store, newest in
      let path = newest + "/" + name
      let length = try ReadableFile(path).bytes
      for shorter in stride(from: length - 1, through: 0, by: -1) {
        #expect(truncate(path, off_t(shorter)) == 0)
        try Self.expectOlder(store, "\(name) cut to \(shorter)")
      }
    }
  }

  @Test(arguments: files) func aFileThatGrewOrIsGoneOrIsNoFile(name: String) throws {
    try Self.withTwo { store, newest in
      let path = newest + "/" + name
      let sound = try ReadableFile(path).contents(limit: 1 << 20)
      for extra in [[0], Array(" ".utf8), sound] {
        try AtomicFile.write(sound + extra, to: path)
        try Self.expectOlder(store, "\(name) with more behind")
      }
      try FileSystem.removeFile(path)
      try Self.expectOlder(store, "\(name) removed")
      try FileSystem.makeFolder(path)
      try Self.expectOlder(store, "\(name) is a folder")
      try FileSystem.removeFolder(path)
      try AtomicFile.write(sound, to: newest + "/elsewhere")
      symlink("elsewhere", path)
      try Self.expectOlder(store, "\(name) is a link")
      try FileSystem.removeFile(path)
      mkfifo(path, 0o600)
      try Self.expectOlder(store, "\(name) is a pipe")
    }
  }

  @Test func aFlippedBitInTheSecondChunk() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      try Fixture.save(1, in: store)
      let large = TensorDescription("large", shape: [9, 300_000])
      let saved = try store.save(
        model: Fixture.sources([large], step: 2), optimizer: [], state: Fixture.state(step: 2))
      let descriptor = open(saved.entry.path + "/model.safetensors", O_RDWR)
      var byte: UInt8 = 0xFF
      pwrite(descriptor, &byte, 1, 5 << 20)
      close(descriptor)
      try Self.expectOlder(store, "second chunk")
      let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(saved.entry.path) }
      #expect(error?.description.contains("bytes 4194304..<8388608") == true)
    }
  }

  /// Files that are sound each for itself, but not of one checkpoint.
  @Test(arguments: files) func aFileOfAnotherCheckpoint(name: String) throws {
    try Self.withTwo { store, newest in
      let other = try ReadableFile("\(store.folder)/step-000000001/\(name)").contents(limit: 1 << 20)
      try AtomicFile.write(other, to: newest + "/" + name)
      try Self.expectOlder(store, "\(name) of another checkpoint")
    }
  }

  @Test func aRenamedCheckpoint() throws {
    try Self.withTwo { store, newest in
      try FileSystem.removeFolder(newest)
      try FileManager.default.copyItem(atPath: store.folder + "/step-000000001", toPath: newest)
      try Self.expectOlder(store, "renamed")
      #expect(try Checkpoint(newest).state.step == 1)
    }
  }

  @Test func allBrokenIsAnErrorAndNoNewBeginning() throws {
    try Self.withTwo { store, newest in
      for step in [1, 2] { try FileSystem.removeFile("\(store.folder)/step-00000000\(step)/state.json") }
      var reports = 0
      let error = #expect(throws: CheckpointError.self) { _ = try store.latestValid { _ in reports += 1 } }
      #expect(error?.exitCode == 65 && reports == 2)
      #expect(error?.description.hasPrefix("None of the 2 checkpoints") == true)
    }
  }

  @Test(
    arguments: [
      ("\"formatVersion\" : 1", "\"formatVersion\" : 2", CheckpointError.Kind.mismatch),
      ("\"formatVersion\" : 1", "\"formatVersion\" : 0", .mismatch),
      ("\"chunkBytes\" : 4194304", "\"chunkBytes\" : 4096", .corrupt),
      ("convoy-checkpoint", "convoy-something", .corrupt), ("\"step\" : 2", "\"step\" : 3", .corrupt),
      ("\"step\" : 2", "\"step\" : -2", .corrupt), ("state.json", "../../../../etc/passwd", .corrupt),
      ("\"step\" : 2", "\"step\" : 2", nil),
    ] as [(String, String, CheckpointError.Kind?)])
  func aSealedManifestThatSaysOtherwise(_ old: String, _ new: String, _ kind: CheckpointError.Kind?) throws {
    try Self.withTwo { store, newest in
      try Self.edit(newest + "/MANIFEST.json", old, new)
      guard let kind else {
        #expect(try Fixture.latestStep(store) == 2)
        return
      }
      let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(newest) }
      #expect(error?.kind == kind)
      if kind == .corrupt {
        try Self.expectOlder(store, new)
      } else {
        let error = #expect(throws: CheckpointError.self) { _ = try store.latestValid { Issue.record($0) } }
        #expect(error?.exitCode == 83)
      }
    }
  }

  /// Every checksum is right, but the weights are not those that the run had.
  @Test func aStateWithAnotherWeightsHash() throws {
    try Self.withTwo { store, newest in
      let path = newest + "/state.json"
      let hash = try CheckpointSummary(newest).state.weightsHash
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let other = text.replacingOccurrences(of: hash, with: String(hash.reversed()))
      try AtomicFile.write(other, to: path)
      try Self.edit(newest + "/MANIFEST.json", Self.checksum(text), Self.checksum(other))
      try Self.expectOlder(store, "another weights hash")
      let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(newest) }
      #expect(error?.description.contains("its weights hash is \(hash)") == true)
    }
  }

  /// Changes a manifest and seals it anew, as the format says: the last member is the CRC-32C of all before it.
  static func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let seal = try #require(text.range(of: ",\n  \"manifestCRC32C\""))
    try #require(text.contains(old))
    let body = text[..<seal.lowerBound].replacingOccurrences(of: old, with: new)
    try AtomicFile.write(body + ",\n  \"manifestCRC32C\" : \"\(checksum(body))\"\n}\n", to: path)
  }

  static func checksum(_ text: String) -> String {
    String(format: "%08x", Array(text.utf8).withUnsafeBytes { CRC32C.checksum(of: $0) })
  }

  @Test func whatIsNotThereIsMissing() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(folder.path + "/none") }
      #expect(error?.exitCode == 66)
    }
  }
}
