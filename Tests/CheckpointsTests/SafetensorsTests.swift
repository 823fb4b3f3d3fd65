import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite("safetensors files")
struct SafetensorsTests {
  /// Saves tensors as a model and gives the path of their file.
  static func write(_ tensors: [TensorSource], in folder: URL) throws -> String {
    let store = try CheckpointStore(writing: folder.path)
    return try store.save(model: tensors, optimizer: [], state: Fixture.state(step: 1)).entry.path
      + "/model.safetensors"
  }

  @Test func areByteForByteThoseOfTheReference() throws {
    try withTemporaryFolder { folder in
      let bias: [Float] = [1, -2]
      let path = try bias.withUnsafeBytes { bytes in
        try Self.write([TensorSource(TensorDescription("fc.bias", shape: [2]), copying: bytes)], in: folder)
      }
      let json = #"{"__metadata__":{"format":"pt"},"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
      let golden = [0x60, 0, 0, 0, 0, 0, 0, 0] + Array((json + "     ").utf8) + [0, 0, 128, 63, 0, 0, 0, 192]
      #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == golden)
    }
  }

  @Test func sortByWidthThenByName() throws {
    try withTemporaryFolder { folder in
      let tensors = [
        TensorDescription("b", .uint8, shape: [3]), TensorDescription("a", .float32, shape: [2]),
        TensorDescription("Z", .float32, shape: [1, 2]), TensorDescription("z", .int64, shape: []),
        TensorDescription("h", .float16, shape: [5]), TensorDescription("d", .float64, shape: [1]),
        TensorDescription("a.10", .float32, shape: [1]), TensorDescription("a.9", .float32, shape: [1]),
        TensorDescription("empty", .float32, shape: [0, 3]),
      ]
      let path = try Self.write(Fixture.sources(tensors, step: 3), in: folder)
      let file = try SafetensorsFile(path)
      #expect(file.tensors.map(\.name) == ["z", "d", "Z", "a", "a.10", "a.9", "empty", "h", "b"])
      #expect(file.metadata == ["format": "pt"])
      #expect(try Fixture.holds(file, tensors, step: 3))
    }
  }

  @Test(arguments: ElementType.allCases)
  func carryEveryType(_ type: ElementType) throws {
    try withTemporaryFolder { folder in
      let tensors = [TensorDescription("t", type, shape: [3, 1, 5]), TensorDescription("s", type, shape: [])]
      let file = try SafetensorsFile(try Self.write(Fixture.sources(tensors, step: 1), in: folder))
      #expect(try Fixture.holds(file, tensors, step: 1))
    }
  }

  /// Tensors around the 4 MiB of the buffer: many rows, one row larger than it, and a remainder behind.
  @Test func carryTensorsLargerThanTheBuffer() throws {
    try withTemporaryFolder { folder in
      let tensors = [
        TensorDescription("rows", shape: [3000, 401]), TensorDescription("row", shape: [2, 1_300_000]),
        TensorDescription("tail", .uint8, shape: [17]),
      ]
      let sources = Fixture.sources(tensors, step: 5)
      let path = try Self.write(sources, in: folder)
      let checkpoint = try Checkpoint(FileSystem.parent(of: path))
      #expect(try Fixture.holds(checkpoint.model, tensors, step: 5))
      #expect(checkpoint.state.weightsHash == WeightsHash.of(sources))
      var part = [UInt8](repeating: 0, count: 10 * 401 * 4)
      var span = part.mutableSpan
      try span.withUnsafeMutableBytes { try checkpoint.model.read("rows", rows: 7..<17, into: $0) }
      #expect(part == Array(Fixture.bytes(of: tensors[0], step: 5)[7 * 1604..<17 * 1604]))
    }
  }

  @Test func theHashIsXXH3OfTheDataSection() throws {
    #expect(WeightsHash.of([]) == "99aa06d3014798d86001c324468d497f")
    try withTemporaryFolder { folder in
      let sources = Fixture.sources(Fixture.model, step: 2)
      let file = try Data(contentsOf: URL(fileURLWithPath: try Self.write(sources, in: folder)))
      let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      var hash = WeightsHash()
      Array(file.dropFirst(8 + header)).withUnsafeBytes { hash.update($0) }
      let hexadecimal = hash.hexadecimal()
      #expect(hexadecimal == WeightsHash.of(sources))
      #expect(hexadecimal != WeightsHash.of(Fixture.sources(Fixture.model, step: 3)))
      #expect(hexadecimal == WeightsHash.of(sources.reversed()))
    }
  }
}
