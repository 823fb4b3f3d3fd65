import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A file that is replaced whole")
struct AtomicFileTests {
  static let old = "the old contents"
  static let new = "the new contents, which are longer"

  /// The system calls of one replacement, counted by doing it.
  static let calls: Int = {
    let faults = WriteFaults()
    try? withTemporaryFolder { folder in
      try AtomicFile.write(old, to: folder.path + "/f")
      try faults.run { try AtomicFile.write(new, to: folder.path + "/f") }
    }
    return faults.calls.count
  }()

  @Test func replacesAndCreates() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      for text in ["", Self.old, Self.new, String(repeating: "x", count: 100_000)] {
        try AtomicFile.write(text, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        #expect(try FileSystem.names(in: folder.path) == ["f"])
      }
    }
  }

  @Test func syncsBeforeAndAfterTheRename() throws {
    try withTemporaryFolder { folder in
      let faults = WriteFaults()
      try faults.run { try AtomicFile.write(Self.new, to: folder.path + "/f") }
      #expect(faults.calls.map(\.kind) == [.create, .reserve, .write, .sync, .close, .rename, .syncFolder])
    }
  }

  @Test(arguments: 0..<Self.calls, [EIO, ENOSPC, EACCES])
  func aFailureAtAnyCallLeavesOldOrNew(call: Int, code: Int32) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      try AtomicFile.write(Self.old, to: path)
      let faults = WriteFaults(at: call, .fail(code))
      let error = #expect(throws: FileError.self) { try faults.run { try AtomicFile.write(Self.new, to: path) } }
      #expect(error?.code == code)
      let renamed = faults.calls[call].kind == .syncFolder
      #expect(try String(contentsOfFile: path, encoding: .utf8) == (renamed ? Self.new : Self.old))
      #expect(try FileSystem.names(in: folder.path) == ["f"])
    }
  }

  @Test(arguments: 0..<Self.calls)
  func deathAtAnyCallLeavesOldOrNew(call: Int) async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path + "/f"
      try AtomicFile.write(Self.old, to: path)
      await #expect(processExitsWith: .signal(SIGKILL)) { [call, path = path as String] in
        try WriteFaults(at: call, .kill).run { try AtomicFile.write(AtomicFileTests.new, to: path) }
      }
      let renamed = call == Self.calls - 1
      #expect(try String(contentsOfFile: path, encoding: .utf8) == (renamed ? Self.new : Self.old))
    }
  }

  @Test(arguments: 0..<Self.calls)
  func anInterruptedCallIsMadeAgain(call: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      try WriteFaults(at: call, .fail(EINTR)).run { try AtomicFile.write(Self.new, to: path) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.new)
    }
  }

  @Test(arguments: [1, 7, 33])
  func shortWritesAreContinued(bytes: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      let faults = WriteFaults { _, call in call.kind == .write ? .short(bytes: bytes) : nil }
      try faults.run { try AtomicFile.write(Self.new, to: path) }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.new)
      let writes = faults.calls.filter { $0.kind == .write }.count
      #expect(writes == (Self.new.utf8.count + bytes - 1) / bytes)
    }
  }

  @Test func aLinkIsReplacedAndItsTargetIsSpared() throws {
    try withTemporaryFolder { folder in
      let target = folder.path + "/target"
      let link = folder.path + "/link"
      try AtomicFile.write(Self.old, to: target)
      symlink(target, link)
      try AtomicFile.write(Self.new, to: link)
      #expect(FileSystem.entry(at: link) == .file)
      #expect(try String(contentsOfFile: target, encoding: .utf8) == Self.old)
    }
  }

  @Test func saysWhatFailed() throws {
    let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: "/nowhere/at/all/f") }
    #expect(error?.kind == .missing)
    #expect(error?.description.contains("Could not create /nowhere/at/all/.f.tmp-") == true)
    #expect(error?.description.hasSuffix("it does not exist.") == true)
  }
}
