import Foundation
import HDF5
import Testing

@Suite("HDF5 files")
struct FileTests {
  @Test func readsWhatItWrote() throws {
    try withFolder { folder in
      let path = folder + "/a.h5"
      do {
        let file = try File(creating: path)
        try file.setAttribute("format", to: "tests")
        try file.setAttribute("empty", to: "")
        try file.setAttribute("samples", to: -42)
        try file.createGroup("/classes")
        try file.writeStrings(["été", "", "a"], to: "/classes/name")
        let bytes = try file.createDataset("/images", of: .uint8, shape: [3, 2, 2])
        for row in [2, 0, 1] {
          let values = (0..<4).map { UInt8(row * 4 + $0) }
          try bytes.write(rows: row..<row + 1, from: values.span)
        }
        let labels = try file.createDataset("/labels", of: .int32, shape: [3])
        try labels.write(rows: 0..<3, from: [Int32(-1), 0, .max].span)
        let ids = try file.createDataset("/ids", of: .uint64, shape: [0])
        try ids.write(rows: 0..<0, from: [UInt64]().span)
        try file.close()
      }
      let file = try File(reading: path)
      #expect(try file.stringAttribute("format") == "tests")
      #expect(try file.stringAttribute("empty") == "")
      #expect(try file.integerAttribute("samples") == -42)
      #expect(try file.strings(at: "/classes/name") == ["été", "", "a"])
      let images = try file.dataset("/images")
      #expect(images.shape == [3, 2, 2] && images.type == .uint8)
      #expect(try images.read() == (0..<12).map { UInt8($0) })
      var middle = [UInt8](repeating: 0, count: 4)
      var span = middle.mutableSpan
      try images.read(rows: 1..<2, into: &span)
      #expect(middle == [4, 5, 6, 7])
      #expect(try file.dataset("/labels").read() == [Int32(-1), 0, .max])
      #expect(try file.dataset("/ids").read(as: UInt64.self) == [])
      #expect(file.contains("images") && !file.contains("imagines"))
      // The bytes lie where the library says, outside of it.
      let raw = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(Array(raw[images.offset..<images.offset + 12]) == (0..<12).map { UInt8($0) })
    }
  }

  @Test func sameContentGivesTheSameBytes() throws {
    try withFolder { folder in
      for name in ["a", "b"] {
        let file = try File(creating: folder + "/" + name)
        let data = try file.createDataset("/data", of: .uint32, shape: [5])
        try data.write(rows: 0..<5, from: [UInt32(1), 2, 3, 4, 5].span)
        try file.close()
        if name == "a" { Thread.sleep(forTimeInterval: 1.1) }
      }
      let files = try ["a", "b"].map { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)) }
      #expect(files[0] == files[1])
    }
  }

  @Test func wrongElementTypeIsRefused() throws {
    try withFolder { folder in
      let file = try File(creating: folder + "/a.h5")
      let data = try file.createDataset("/data", of: .uint32, shape: [1])
      #expect(throws: HDF5Error.self) { try data.write(rows: 0..<1, from: [Int32(1)].span) }
    }
  }

  @Test func errorsSayWhatOnWhatAndWhy() throws {
    try withFolder { folder in
      let missing = folder + "/missing.h5"
      try expectError("Could not open \(missing): No such file or directory.") { _ = try File(reading: missing) }
      try Data("not HDF5".utf8).write(to: URL(fileURLWithPath: folder + "/text.h5"))
      try expectError("Could not open \(folder)/text.h5: file signature not found.") {
        _ = try File(reading: folder + "/text.h5")
      }
      try expectError("Could not open \(folder): it is not a file.") { _ = try File(reading: folder) }
      try expectError("Could not create \(folder)/no/a.h5: No such file or directory.") {
        _ = try File(creating: folder + "/no/a.h5")
      }
      let file = try File(creating: folder + "/a.h5")
      try expectError("there is no \"/data\"") { _ = try file.dataset("/data") }
      try expectError("there is no such attribute") { _ = try file.integerAttribute("samples") }
      try file.setAttribute("text", to: "text")
      try expectError("it is not an integer") { _ = try file.integerAttribute("text") }
    }
  }

  /// `/dev/full` fails every write as a full disk does.
  @Test func fullDiskIsThrown() throws {
    let error = try #require(throws: HDF5Error.self) {
      let file = try File(creating: "/dev/full")
      let data = try file.createDataset("/data", of: .uint8, shape: [1 << 20])
      try data.write(rows: 0..<1 << 20, from: [UInt8](repeating: 1, count: 1 << 20).span)
      try file.close()
    }
    #expect(error.isDiskFull, "\(error)")
    #expect(error.description.contains("No space left on device"), "\(error)")
  }

  @Test func truncatedFilesAreRefused() throws {
    try withFolder { folder in
      let path = folder + "/a.h5"
      let file = try File(creating: path)
      let data = try file.createDataset("/data", of: .uint8, shape: [4096])
      try data.write(rows: 0..<4096, from: [UInt8](repeating: 7, count: 4096).span)
      try file.close()
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for count in stride(from: 0, to: whole.count, by: 97) {
        try whole.prefix(count).write(to: URL(fileURLWithPath: path))
        #expect(throws: HDF5Error.self, "\(count) bytes") {
          try File(reading: path).dataset("/data").read(as: UInt8.self)
        }
      }
    }
  }
}
