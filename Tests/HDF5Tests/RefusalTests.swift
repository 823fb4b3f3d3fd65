import Foundation
import HDF5
import Testing

@Suite("HDF5 files that are not trusted")
struct RefusalTests {
  static let reasons: [(File.RefusedStorage, String)] = [
    (.chunked, "its storage is chunked"), (.compact, "its storage is compact"), (.virtual, "its storage is virtual"),
    (.external, "external storage"), (.unallocated, "it was never written"),
  ]

  @Test(arguments: reasons)
  func storageOtherThanContiguous(_ storage: File.RefusedStorage, _ reason: String) throws {
    try withFolder { folder in
      let secret = folder + "/other.h5"
      do {
        let other = try File(creating: secret)
        let data = try other.createDataset("/data", of: .uint8, shape: [8])
        try data.write(rows: 0..<8, from: [UInt8](repeating: 1, count: 8).span)
        try other.close()
        let file = try File(creating: folder + "/a.h5")
        try file.createRefusedDataset("/data", storage: storage, count: 8, other: secret)
        try file.close()
      }
      let file = try File(reading: folder + "/a.h5")
      try expectError(reason) { _ = try file.dataset("/data") }
    }
  }

  @Test func linksOnAnyComponent() throws {
    try withFolder { folder in
      do {
        for name in ["/a.h5", "/b.h5"] {
          let file = try File(creating: folder + name)
          try file.createGroup("/group")
          try file.writeStrings(["secret"], to: "/group/text")
          let data = try file.createDataset("/group/data", of: .uint8, shape: [1])
          try data.write(rows: 0..<1, from: [UInt8(1)].span)
          if name == "/a.h5" {
            try file.createSoftLink("/softData", to: "/group/data")
            try file.createSoftLink("/softGroup", to: "/group")
            try file.createExternalLink("/farGroup", to: "/group", of: "b.h5")
            try file.createExternalLink("/farData", to: "/group/data", of: folder + "/b.h5")
          }
          try file.close()
        }
      }
      let file = try File(reading: folder + "/a.h5")
      #expect(try file.dataset("/group/data").read() == [UInt8(1)])
      try expectError("\"/softData\" is a soft link") { _ = try file.dataset("/softData") }
      try expectError("\"/softGroup\" is a soft link") { _ = try file.dataset("/softGroup/data") }
      try expectError("\"/softGroup\" is a soft link") { _ = try file.strings(at: "/softGroup/text") }
      try expectError("\"/farGroup\" is an external link") { _ = try file.dataset("/farGroup/data") }
      try expectError("\"/farData\" is an external link") { _ = try file.dataset("/farData") }
    }
  }

  /// A header may claim any shape: nothing is allocated for one that the file cannot hold.
  @Test(arguments: [1 << 40, 1 << 61, Int.max]) func shapeBombs(_ claimed: Int) throws {
    try withFolder { folder in
      let path = folder + "/a.h5"
      let file = try File(creating: path)
      let data = try file.createDataset("/data", of: .uint64, shape: [0x1234_5678])
      // One element on disk: the rest of the space is a hole.
      try data.write(rows: 0..<1, from: [UInt64(1)].span)
      try file.close()
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      var header = [UInt8](try #require(try handle.read(upToCount: 4096)))
      let honest = withUnsafeBytes(of: UInt64(0x1234_5678).littleEndian) { [UInt8]($0) }
      let bomb = withUnsafeBytes(of: UInt64(claimed).littleEndian) { [UInt8]($0) }
      let found = (0..<header.count - 8).filter { Array(header[$0..<$0 + 8]) == honest }
      #expect(!found.isEmpty)
      for position in found { header.replaceSubrange(position..<position + 8, with: bomb) }
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: header)
      try handle.close()
      #expect(throws: HDF5Error.self) { _ = try File(reading: path).dataset("/data") }
    }
  }

  /// Any damage ends in an error or in data, never in a trap.
  @Test(.timeLimit(.minutes(1))) func damagedMetadataNeverTraps() throws {
    try withFolder { folder in
      let path = folder + "/a.h5"
      do {
        let file = try File(creating: path)
        try file.setAttribute("samples", to: 3)
        let data = try file.createDataset("/data", of: .uint8, shape: [16])
        try data.write(rows: 0..<16, from: [UInt8](repeating: 1, count: 16).span)
        try file.close()
      }
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      var refused = 0
      for position in stride(from: 0, to: whole.count, by: 3) {
        var damaged = whole
        damaged[position] ^= 0xFF
        try damaged.write(to: URL(fileURLWithPath: path))
        do {
          let file = try File(reading: path)
          _ = try file.integerAttribute("samples")
          #expect(try file.dataset("/data").read(as: UInt8.self).count <= whole.count)
        } catch { refused += 1 }
      }
      #expect(refused > 50)
    }
  }
}
