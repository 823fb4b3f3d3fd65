import Checkpoints
import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A disk that cannot take a checkpoint")
struct FullDiskTests {
  /// A real refusal by the kernel that needs no special rights: the limit on the size of a file.
  @Test func aFileThatMayNotGrow() async throws {
    try await withTemporaryFolder { folder in
      try StoreChange.prepare(folder.path)
      await #expect(processExitsWith: .exitCode(74)) { [path = folder.path as String] in
        let store = try CheckpointStore(writing: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
        setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
        let large = Fixture.sources([TensorDescription("large", shape: [1 << 19])], step: 3)
        do {
          try store.save(model: large, optimizer: [], state: Fixture.state(step: 3))
        } catch let error as CheckpointError {
          exit(error.kind == .diskFull ? error.exitCode : 1)
        }
      }
      #expect(try FileSystem.names(in: folder.path) == ["step-000000001", "step-000000002"])
      try CrashTests.expectSound(folder.path, after: .save)
    }
  }

  /// Everything that takes space fails from some call on, and goes on failing.
  @Test(arguments: 0..<(StoreChange.calls[.save]?.count ?? 0))
  func aDiskThatStaysFull(from call: Int) throws {
    try withTemporaryFolder { folder in
      try StoreChange.prepare(folder.path)
      let store = try CheckpointStore(writing: folder.path)
      let faults = WriteFaults { number, made in
        number >= call && [.makeFolder, .create, .reserve, .write].contains(made.kind) ? .fail(ENOSPC) : nil
      }
      do {
        try faults.run { _ = try Fixture.save(3, in: store) }
      } catch let error as CheckpointError {
        #expect(error.kind == .diskFull && error.exitCode == 74)
        #expect(error.description.contains("Step 3 was not saved. Could not "))
        #expect(error.description.contains("the disk is full"))
        #expect(try FileSystem.names(in: folder.path) == ["step-000000001", "step-000000002"])
      }
      try CrashTests.expectSound(folder.path, after: .save)
    }
  }

  @Test func aFolderThatCannotBeMade() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("x", to: folder.path + "/f")
      for path in [folder.path + "/f", folder.path + "/f/checkpoints", "/proc/checkpoints"] {
        let error = #expect(throws: CheckpointError.self) { _ = try CheckpointStore(writing: path) }
        #expect(error?.exitCode == 73)
      }
    }
  }

  @Test func aStoreThatVanished() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path + "/store")
      try FileSystem.removeFolder(store.folder)
      let error = #expect(throws: CheckpointError.self) { try Fixture.save(1, in: store) }
      #expect(error?.exitCode == 73)
    }
  }
}
