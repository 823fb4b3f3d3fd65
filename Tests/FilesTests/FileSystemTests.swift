import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Folders and names")
struct FileSystemTests {
  @Test(arguments: [
    ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/", "a", "b"), ("a//b", "a", "b"), ("/", "/", "/"),
  ])
  func splitsPaths(_ path: String, _ parent: String, _ name: String) {
    #expect(FileSystem.parent(of: path) == parent)
    if path != "/" { #expect(FileSystem.name(of: path) == name) }
  }

  @Test(arguments: [true, false], [true, false])
  func renamesWithoutReplacing(folders: Bool, supported: Bool) throws {
    try withTemporaryFolder { folder in
      let old = folder.path + "/old"
      let new = folder.path + "/new"
      let taken = folder.path + "/taken"
      for path in [old, taken] {
        if folders {
          try FileSystem.makeFolder(path)
          try AtomicFile.write(path, to: path + "/f")
        } else {
          try AtomicFile.write(path, to: path)
        }
      }
      // The first call is renameat2, which a network file system refuses so.
      func rename(to path: String) throws {
        try WriteFaults { number, _ in number == 0 && !supported ? .fail(EINVAL) : nil }.run {
          try FileSystem.renameNoReplace(old, to: path)
        }
      }
      let error = #expect(throws: FileError.self) { try rename(to: taken) }
      #expect(error?.kind == .exists)
      #expect(try FileSystem.names(in: folder.path) == ["old", "taken"])
      try rename(to: new)
      #expect(try FileSystem.names(in: folder.path) == ["new", "taken"])
      for (path, contents) in [(new, old), (taken, taken)] {
        #expect(try String(contentsOfFile: folders ? path + "/f" : path, encoding: .utf8) == contents)
      }
    }
  }

  @Test func exchanges() throws {
    try withTemporaryFolder { folder in
      let first = folder.path + "/first"
      let second = folder.path + "/second"
      try AtomicFile.write("1", to: first)
      try FileSystem.makeFolder(second)
      #expect(try FileSystem.exchange(first, second))
      #expect(FileSystem.entry(at: first) == .folder)
      #expect(FileSystem.entry(at: second) == .file)
      let done = try WriteFaults(at: 0, .fail(EINVAL)).run { try FileSystem.exchange(first, second) }
      #expect(!done && FileSystem.entry(at: first) == .folder)
    }
  }

  @Test func makesFoldersDurably() throws {
    try withTemporaryFolder { folder in
      let faults = WriteFaults()
      try faults.run { try FileSystem.makeFolders(folder.path + "/a/b") }
      #expect(faults.calls.map(\.kind) == [.makeFolder, .syncFolder, .makeFolder, .syncFolder])
      #expect(faults.calls.map(\.path) == ["/a", "", "/a/b", "/a"].map { folder.path + $0 })
      try FileSystem.makeFolders(folder.path + "/a/b/")
      try AtomicFile.write("x", to: folder.path + "/f")
      #expect(throws: FileError.self) { try FileSystem.makeFolders(folder.path + "/f") }
    }
  }

  @Test func removesATreeAndNotWhatItLinksTo() throws {
    try withTemporaryFolder { folder in
      let tree = folder.path + "/tree"
      let spared = folder.path + "/spared"
      try FileSystem.makeFolders(tree + "/a/b")
      try FileSystem.makeFolder(spared)
      try AtomicFile.write("x", to: spared + "/f")
      try AtomicFile.write("x", to: tree + "/a/f")
      symlink(spared, tree + "/link")
      try FileSystem.removeFolder(tree)
      try FileSystem.removeFolder(tree)
      #expect(try FileSystem.names(in: folder.path) == ["spared"])
      #expect(try FileSystem.names(in: spared) == ["f"])
    }
  }

  @Test func aLockExcludesOthersUntilItIsDropped() throws {
    try withTemporaryFolder { folder in
      func isFree() throws -> Bool {
        switch try FileLock.acquire(folder.path) {
        case .some: true
        case nil: false
        }
      }
      let lock = try FileLock.acquire(folder.path)
      #expect(try !isFree())
      _ = consume lock
      #expect(try isFree())
      #expect(try isFree())
      let error = #expect(throws: FileError.self) { _ = try FileLock.acquire(folder.path + "/none") }
      #expect(error?.kind == .missing)
    }
  }

  @Test func aLockEndsWithItsProcess() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        let lock = try FileLock.acquire(path)
        precondition(lock != nil)
        kill(getpid(), SIGKILL)
        _ = consume lock
      }
      let isFree = try FileLock.acquire(path) != nil
      #expect(isFree)
    }
  }
}
