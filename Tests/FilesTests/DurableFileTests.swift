import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A file that is written from front to back")
struct DurableFileTests {
  @Test(arguments: [0, 1, 4095, 1 << 20], [0, 1, 100, 1 << 21])
  func holdsWhatWasWritten(count: Int, reserved: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      let contents = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var file = try DurableFile(creating: path, reservedBytes: reserved)
      try file.write(Array(contents.prefix(count / 3)))
      try file.write(Array(contents.dropFirst(count / 3)))
      let digest = try file.finish()
      #expect(try Array(Data(contentsOf: folder.appendingPathComponent("f"))) == contents)
      #expect(digest.bytes == count)
      #expect(digest.chunks == (count == 0 ? [] : [contents.withUnsafeBytes { CRC32C.checksum(of: $0) }]))
    }
  }

  @Test func isRemovedWhenItIsNotFinished() throws {
    try withTemporaryFolder { folder in
      do {
        var file = try DurableFile(creating: folder.path + "/f")
        try file.write([1, 2, 3])
        #expect(try FileSystem.names(in: folder.path) == ["f"])
      }
      #expect(try FileSystem.names(in: folder.path) == [])
    }
  }

  @Test func refusesWhatIsThere() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/f"
      try AtomicFile.write("old", to: path)
      symlink(folder.path + "/elsewhere", folder.path + "/link")
      for taken in [path, folder.path + "/link"] {
        let error = #expect(throws: FileError.self) { _ = try DurableFile(creating: taken) }
        #expect(error?.kind == .exists)
      }
      #expect(try FileSystem.names(in: folder.path) == ["f", "link"])
    }
  }

  @Test(.enabled(if: SmallDisk.isAvailable)) func aFullDiskShowsBeforeAnythingIsWritten() throws {
    try SmallDisk.with(bytes: 1 << 20) { folder in
      let error = #expect(throws: FileError.self) {
        _ = try DurableFile(creating: folder + "/f", reservedBytes: 2 << 20)
      }
      #expect(error?.kind == .diskFull)
      let names = try FileSystem.names(in: folder)
      #expect(names.isEmpty)
    }
  }

  @Test(.enabled(if: SmallDisk.isAvailable)) func aFullDiskShowsWhileWriting() throws {
    try SmallDisk.with(bytes: 1 << 20) { folder in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([UInt8](repeating: 1, count: 2 << 20), to: folder + "/f")
      }
      #expect(error?.kind == .diskFull)
      let late = #expect(throws: FileError.self) {
        var file = try DurableFile(creating: folder + "/g")
        for _ in 0..<64 { try file.write([UInt8](repeating: 1, count: 1 << 15)) }
      }
      #expect(late?.kind == .diskFull)
      let names = try FileSystem.names(in: folder)
      #expect(names.isEmpty)
    }
  }
}

/// A file system in memory that is soon full; it needs the right to mount.
enum SmallDisk {
  static let isAvailable = (try? with(bytes: 1 << 20) { _ in }) != nil

  static func with(bytes: Int, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try command("mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "none", folder.path])
      defer { try? command("umount", ["-l", folder.path]) }
      try body(folder.path)
    }
  }

  private static func command(_ name: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
  }
}
