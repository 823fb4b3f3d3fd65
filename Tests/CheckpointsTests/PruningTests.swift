import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// A store before and after pruning.
struct PruningCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The value of the metric "top1" by step; nil where none was measured.
  let steps: KeyValuePairs<Int, Double?>
  var broken: [Int] = []
  let keepLast: Int
  var best: BestRule.Direction?
  let left: [Int]

  static let all = [
    PruningCase("fewer than kept", [1: nil, 2: nil], keepLast: 3, left: [1, 2]),
    PruningCase("as many as kept", [1: nil, 2: nil, 3: nil], keepLast: 3, left: [1, 2, 3]),
    PruningCase("more than kept", [1: nil, 2: nil, 3: nil, 4: nil, 5: nil], keepLast: 3, left: [3, 4, 5]),
    PruningCase("one kept", [1: nil, 2: nil], keepLast: 1, left: [2]),
    PruningCase("highest", [1: 0.5, 2: 0.9, 3: 0.7, 4: 0.8], keepLast: 1, best: .highest, left: [2, 4]),
    PruningCase("lowest", [1: 0.5, 2: 0.9, 3: 0.7, 4: 0.8], keepLast: 1, best: .lowest, left: [1, 4]),
    PruningCase("best is among the last", [1: 0.5, 2: 0.6, 3: 0.9], keepLast: 2, best: .highest, left: [2, 3]),
    PruningCase("first of equals", [1: 0.9, 2: 0.9, 3: 0.1], keepLast: 1, best: .highest, left: [1, 3]),
    PruningCase("not all measured", [1: nil, 2: 0.2, 3: .nan, 4: nil], keepLast: 1, best: .highest, left: [2, 4]),
    PruningCase("none measured", [1: nil, 2: nil], keepLast: 1, best: .highest, left: [2]),
    PruningCase("best is not asked for", [1: 0.9, 2: 0.1], keepLast: 1, left: [2]),
    PruningCase("newest is broken", [1: nil, 2: nil, 3: nil], broken: [3], keepLast: 1, left: [2, 3]),
    PruningCase("too few are sound", [1: nil, 2: nil, 3: nil], broken: [2, 3], keepLast: 2, left: [1, 2, 3]),
    PruningCase("old one is broken", [1: nil, 2: nil, 3: nil], broken: [1], keepLast: 2, left: [2, 3]),
    PruningCase("best is broken", [1: 0.9, 2: 0.8, 3: 0.1], broken: [1], keepLast: 1, best: .highest, left: [2, 3]),
  ]

  init(
    _ name: String, _ steps: KeyValuePairs<Int, Double?>, broken: [Int] = [], keepLast: Int,
    best: BestRule.Direction? = nil, left: [Int]
  ) {
    testDescription = name
    self.steps = steps
    self.broken = broken
    self.keepLast = keepLast
    self.best = best
    self.left = left
  }
}

@Suite("Pruning")
struct PruningTests {
  @Test(arguments: PruningCase.all)
  func keepsTheLastAndTheBest(_ pruning: PruningCase) throws {
    try withTemporaryFolder { folder in
      let writer = try CheckpointStore(writing: folder.path)
      for (step, value) in pruning.steps {
        try Fixture.save(step, in: writer, metrics: value.map { ["top1": $0] } ?? [:])
      }
      for step in pruning.broken {
        let path = "\(folder.path)/step-00000000\(step)/model.safetensors"
        var bytes = try ReadableFile(path).contents(limit: 1 << 20)
        bytes[bytes.count - 1] ^= 1
        try AtomicFile.write(bytes, to: path)
      }
      // Another process than the one that wrote them: it has to look at the bytes.
      let store = try CheckpointStore(writing: folder.path)
      let rule = pruning.best.map { BestRule(metric: "top1", $0) }
      let removed = try store.prune(keepLast: pruning.keepLast, keepBest: rule)
      #expect(try store.list().map(\.step) == pruning.left)
      #expect(removed == pruning.steps.map(\.key).filter { !pruning.left.contains($0) })
      #expect(try FileSystem.names(in: folder.path).count == pruning.left.count)
      #expect(try store.prune(keepLast: pruning.keepLast, keepBest: rule) == [])
    }
  }

  @Test func theBestIsFound() throws {
    try withTemporaryFolder { folder in
      let store = try CheckpointStore(writing: folder.path)
      #expect(try store.best(by: BestRule(metric: "top1", .highest)) == nil)
      for (step, value) in [(1, 0.5), (2, 0.7), (3, 0.6)] {
        try Fixture.save(step, in: store, metrics: ["top1": value])
      }
      #expect(try store.best(by: BestRule(metric: "top1", .highest))?.step == 2)
      #expect(try store.best(by: BestRule(metric: "top1", .lowest))?.step == 1)
      #expect(try store.best(by: BestRule(metric: "top5", .lowest)) == nil)
    }
  }
}
