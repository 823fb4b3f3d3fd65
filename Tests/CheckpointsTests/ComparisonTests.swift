import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite("Comparing checkpoints with each other and with a run")
struct ComparisonTests {
  static func floats(_ name: String, _ values: [Float]) -> TensorSource {
    TensorSource(TensorDescription(name, shape: [values.count])) { rows, buffer in
      values[rows].withUnsafeBytes { buffer.copyMemory(from: $0) }
    }
  }

  @Test func equalCheckpointsDoNotDiffer() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let path = try Fixture.save(1, in: store).entry.path
      let difference = try CheckpointDifference(try Checkpoint(path), try Checkpoint(path))
      #expect(difference.isEmpty)
      #expect(difference.model.tensors.map(\.greatest) == [0, 0, 0])
      #expect(difference.model.tensors.map(\.name) == ["bn.num_batches_tracked", "conv.weight", "fc.bias"])
    }
  }

  @Test func theGreatestDifferenceOfEveryTensorIsFound() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let first = [
        Self.floats("a", [1, 2, 3]), Self.floats("b", [0, .nan]), Self.floats("c", [.nan, 1]), Self.floats("d", [1]),
        Self.floats("shape", [1, 2]), Self.floats("gone", [1]), TensorSource("n", scalar: .min),
      ]
      let second = [
        Self.floats("a", [1, 2.5, -3]), Self.floats("b", [-0.0, .nan]), Self.floats("c", [1, 1]), Self.floats("d", [1]),
        Self.floats("shape", [1]), Self.floats("new", [1]), TensorSource("n", scalar: .max),
      ]
      let paths = try [(1, first), (2, second)].map { step, model in
        try store.save(model: model, optimizer: [], state: Fixture.state(step: step)).entry.path
      }
      let difference = try CheckpointDifference(try Checkpoint(paths[0]), try Checkpoint(paths[1]))
      #expect(
        difference.model.tensors == [
          TensorDifference(name: "n", differing: 1, greatest: 0x1p64),
          TensorDifference(name: "a", differing: 2, greatest: 6),
          TensorDifference(name: "b", differing: 1, greatest: 0),
          TensorDifference(name: "c", differing: 1, greatest: .infinity),
          TensorDifference(name: "d", differing: 0, greatest: 0),
        ])
      #expect(difference.model.match.missing == ["gone"])
      #expect(difference.model.match.unexpected == ["new"])
      #expect(difference.model.match.mismatched == ["shape"])
      #expect(!difference.isEmpty && difference.optimizer.isEmpty)
    }
  }

  @Test func aModelThatDoesNotFitIsRefusedWithThreeLists() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let checkpoint = try Checkpoint(try Fixture.save(1, in: store).entry.path)
      try checkpoint.model.requireExactly(Fixture.model)
      let more = Fixture.model + [TensorDescription("more", shape: [])]
      try checkpoint.model.requireExactly(more, optional: ["more"])
      var wanted = more.filter { $0.name != "bn.num_batches_tracked" && $0.name != "fc.bias" }
      wanted.append(TensorDescription("fc.bias", shape: [3]))
      let error = #expect(throws: CheckpointError.self) { try checkpoint.model.requireExactly(wanted) }
      #expect(error?.exitCode == 83)
      for part in ["1 missing (more)", "1 unexpected (bn.num_batches_tracked)", "another type or shape (fc.bias)"] {
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
      }
    }
  }

  @Test(
    arguments: [
      ("resnet20", "c0ffee00", UInt64.max, nil), ("resnet32", "c0ffee00", .max, "its model is \"resnet20\""),
      ("resnet20", "deadbeef", .max, "its data set is \"c0ffee00\""), ("resnet20", "c0ffee00", 1, "its seed is"),
    ] as [(String, String, UInt64, String?)])
  func anotherRunIsRefused(_ model: String, _ data: String, _ seed: UInt64, _ reason: String?) throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      let checkpoint = try Checkpoint(try Fixture.save(1, in: store).entry.path)
      guard let reason else {
        return try checkpoint.requireSameRun(model: model, dataIdentity: data, seed: seed)
      }
      let error = #expect(throws: CheckpointError.self) {
        try checkpoint.requireSameRun(model: model, dataIdentity: data, seed: seed)
      }
      #expect(error?.exitCode == 83 && error?.description.contains(reason) == true)
    }
  }
}
