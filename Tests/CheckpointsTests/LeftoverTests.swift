import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite("What writers leave behind")
struct LeftoverTests {
  @Test func isRemovedUnlessTheWriterLives() throws {
    try withTemporaryFolder { folder in
      let dead = folder.path + "/.tmp-step-000000009-1-00112233445566ff"
      let alive = folder.path + "/.tmp-step-000000009-1-ffeeddccbbaa9988"
      let stranger = folder.path + "/.tmp-something"
      for path in [dead, alive, stranger] {
        try FileSystem.makeFolder(path)
        try AtomicFile.write("x", to: path + "/model.safetensors")
      }
      let lock = try FileLock.acquire(alive)
      _ = try CheckpointStore(writing: folder.path)
      #expect([dead, alive, stranger].map { FileSystem.entry(at: $0) } == [nil, .folder, .folder])
      _ = consume lock
      _ = CheckpointStore(reading: folder.path)
      #expect(FileSystem.entry(at: alive) == .folder)
      _ = try CheckpointStore(writing: folder.path)
      #expect(FileSystem.entry(at: alive) == nil && FileSystem.entry(at: stranger) == .folder)
    }
  }

  /// The writer died between the two renames of a replacement.
  @Test(arguments: [true, false])
  func aCheckpointThatWasSetAsideComesBack(replaced: Bool) throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let path = try Fixture.save(5, in: store).entry.path
      try FileSystem.rename(path, to: folder.path + "/.old-step-000000005-1-00112233445566ff")
      if replaced { try Fixture.save(5, in: store) }
      let reopened = try CheckpointStore(writing: folder.path)
      #expect(try FileSystem.names(in: folder.path) == ["step-000000005"])
      #expect(try Fixture.latestStep(reopened) == 5)
    }
  }
}
