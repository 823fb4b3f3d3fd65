import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite("A checkpoint gives back what was saved")
struct RoundTripTests {
  @Test func wholly() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path + "/run/checkpoints")
      let metrics = ["top1": 0.1 + 0.2, "loss": .nan, "worst": .infinity, "best": -.infinity]
      let saved = try Fixture.save(12_000, in: store, metrics: metrics)
      #expect(saved.entry.path == folder.path + "/run/checkpoints/step-000012000")
      #expect(
        try FileSystem.names(in: saved.entry.path)
          == ["MANIFEST.json", "model.safetensors", "optimizer.safetensors", "state.json"])
      let checkpoint = try Checkpoint(saved.entry.path)
      #expect(try Fixture.holds(checkpoint.model, Fixture.model, step: 12_000))
      #expect(try Fixture.holds(checkpoint.optimizer, Fixture.optimizer, step: 12_000))
      #expect(checkpoint.state.weightsHash == saved.weightsHash)
      #expect(checkpoint.state.seed == .max && checkpoint.state.epoch == 12_000.0 / 7)
      #expect(checkpoint.state.configuration == Fixture.state(step: 0).configuration)
      #expect(checkpoint.state.metrics["top1"] == 0.1 + 0.2 && checkpoint.state.metrics["loss"]?.isNaN == true)
      #expect(checkpoint.state.metrics["worst"] == .infinity && checkpoint.state.metrics["best"] == -.infinity)
      #expect(checkpoint.bytes == saved.bytes)
      #expect(FileSystem.mode(of: saved.entry.path) == FileSystem.mode(of: store.folder))
    }
  }

  @Test func equalStatesGiveEqualFiles() throws {
    try withTemporaryFolder { folder in
      let first = try Fixture.save(1, in: try CheckpointStore(writing: folder.path + "/a"))
      let second = try Fixture.save(1, in: try CheckpointStore(writing: folder.path + "/b"))
      for name in try FileSystem.names(in: first.entry.path) {
        let files = [first, second].map { FileManager.default.contents(atPath: $0.entry.path + "/" + name) }
        #expect(files[0] != nil && files[0] == files[1], "\(name)")
      }
    }
  }

  @Test func theSummaryNeedsNoElements() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let saved = try Fixture.save(3, in: store)
      let summary = try CheckpointSummary(saved.entry.path)
      #expect(Set(summary.model) == Set(Fixture.model) && summary.optimizer == Fixture.optimizer)
      #expect(summary.state.weightsHash == saved.weightsHash && summary.bytes == saved.bytes)
    }
  }

  @Test func theStoreListsInOrderAndIgnoresStrangers() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      for step in [20, 3, 1_000_000_000, 100] { try Fixture.save(step, in: store) }
      for name in ["step-5", "step-000000005x", "step--00000005", "notes", ".tmp-step-1", "step-0000000005"] {
        try FileSystem.makeFolder(folder.path + "/" + name)
      }
      try AtomicFile.write("x", to: folder.path + "/step-000000006")
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/step-000000007", withDestinationPath: folder.path + "/step-000000003")
      #expect(try CheckpointStore(reading: folder.path).list().map(\.step) == [3, 20, 100, 1_000_000_000])
      #expect(try Fixture.latestStep(store) == 1_000_000_000)
    }
  }

  @Test func anEmptyStoreHasNoLatest() throws {
    try withTemporaryFolder { folder in
      let store = CheckpointStore(reading: folder.path + "/none")
      let entries = try store.list()
      #expect(entries.isEmpty)
      #expect(try Fixture.latestStep(store) == nil)
      #expect(FileSystem.entry(at: store.folder) == nil)
    }
  }
}
