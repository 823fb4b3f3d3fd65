import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A file that is read at any position")
struct ReadableFileTests {
  @Test(arguments: [0..<0, 0..<10, 3..<4, 9..<10, 10..<10])
  func readsARange(_ range: Range<Int>) throws {
    try withTemporaryFolder { folder in
      let contents = Array("0123456789".utf8)
      try AtomicFile.write(contents, to: folder.path + "/f")
      let file = try ReadableFile(folder.path + "/f")
      #expect(file.bytes == 10)
      #expect(try file.read(range) == Array(contents[range]))
      #expect(try file.contents(limit: 10) == contents)
    }
  }

  @Test func refusesToReadBehindTheEnd() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("0123456789", to: folder.path + "/f")
      let file = try ReadableFile(folder.path + "/f")
      let error = #expect(throws: FileError.self) { try file.read(5..<11) }
      #expect(error?.description.hasSuffix("it ends at byte 10.") == true)
      #expect(throws: FileError.self) { try file.contents(limit: 9) }
    }
  }

  @Test(.timeLimit(.minutes(1))) func refusesWhatIsNoRegularFile() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.path + "/pipe"
      mkfifo(pipe, 0o600)
      for path in [folder.path, pipe, "/dev/null"] {
        let error = #expect(throws: FileError.self) { _ = try ReadableFile(path) }
        #expect(error?.description.hasSuffix("it is not a regular file.") == true)
      }
      let error = #expect(throws: FileError.self) { _ = try ReadableFile(folder.path + "/none") }
      #expect(error?.kind == .missing)
    }
  }

  @Test func followsLinksOnlyWhenAsked() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("x", to: folder.path + "/f")
      symlink(folder.path + "/f", folder.path + "/link")
      #expect(try ReadableFile(folder.path + "/link").bytes == 1)
      let error = #expect(throws: FileError.self) {
        _ = try ReadableFile(folder.path + "/link", followingLinks: false)
      }
      #expect(error?.code == ELOOP)
    }
  }
}
