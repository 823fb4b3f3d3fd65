import Checkpoints
import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("A run that is resumed") struct ResumeTests {
    /// 10 steps are 5 and 5 at another number of ranks; step 5 lies in the middle of an epoch.
    @Test(arguments: [(Net.resnet20, 2, 3), (.resnet20, 4, 1), (.mlp, 1, 4), (.lenet5, 3, 2)])
    func tenAreFiveAndFive(_ net: Net, _ before: Int, _ after: Int) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(net)
      let half = try await run.finish(["train.steps=5"], ranks: before)
      let whole = try await run.finish(["train.steps=10"], ranks: after)
      #expect(half.weightsHash != whole.weightsHash)
      #expect(try await whole.weightsHash == fixture.referenceHash(net, ["train.steps=10"]))
      #expect(try run.checkpoints() == [5, 10])
    }

    /// Batch systems that restart jobs always pass the same line.
    @Test func autoBeginsARunToo() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      let status = try await run.finish(options: ["--resume", "auto"], ranks: 2)
      #expect(try await status.weightsHash == Fixture.shared().referenceHash(.mlp, []))
    }

    @Test(arguments: [nil, 2]) func aFinishedRunEndsAtOnce(ranks: Int?) async throws {
      let run = try Fixture.shared().newRun(.mlp)
      let first = try await run.finish(ranks: ranks)
      let before = try run.contents()
      let second = try await run.finish(ranks: ranks)
      #expect(second.step == first.step && second.weightsHash == first.weightsHash)
      #expect(second.checkpoint == first.checkpoint)
      let after = try run.contents()
      #expect(before.keys.sorted() == after.keys.sorted())
      #expect(before.keys.filter { before[$0] != after[$0] && $0 != "status.json" } == [])
    }

    @Test func beginsAnewOrAtAnyCheckpoint() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["train.steps=9", "checkpoint.everySteps=3"])
      let first = try await run.finish()
      #expect(try run.checkpoints() == [3, 6, 9])
      let anew = try await run.train(options: ["--resume", "none"])
      #expect(anew.succeeded && !anew.output.contains("resumed from"), "\(anew)")
      #expect(try run.status().weightsHash == first.weightsHash)
      let other = try fixture.newRun(.mlp, run.overrides)
      let from = try await other.train(options: ["--resume", run.checkpointPath(step: 3)], ranks: 2)
      #expect(from.succeeded && from.output.contains("at step 3"), "\(from)")
      #expect(try other.status().weightsHash == first.weightsHash)
      // Steps that are faster than the interval between lines share one.
      let steps = try other.metrics().filter { $0.kind == .train }.map(\.step)
      #expect(steps == steps.sorted() && steps.last == 9 && steps.allSatisfy { (4...9).contains($0) }, "\(steps)")
    }

    /// What does not decide the bits may change, and is told.
    @Test func changesAreTold() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      try await run.finish(["train.steps=3"])
      let changed = try await run.train(["train.steps=6", "optimizer.learningRate=0.01", "threads=2"])
      #expect(changed.succeeded, "\(changed)")
      #expect(changed.output.contains("note: optimizer.learningRate was 0.02 in the checkpoint, is now 0.01"))
      #expect(!changed.output.contains("note: threads"))
    }

    /// A plateau does not compare losses with shares.
    @Test func anotherMeasureBeginsAnew() async throws {
      let run = try Fixture.shared().newRun(
        .mlp, ["schedule.name=plateau", "schedule.plateauEvaluations=4", "evaluation.everySteps=1"])
      try await run.finish(["train.steps=3", "schedule.plateauMeasure=top1"])
      try await run.finish(["train.steps=5", "schedule.plateauMeasure=loss"], ranks: 2)
      let later = try run.metrics().filter { $0.kind == .evaluation && $0.step > 3 }
      let least = try #require(later.compactMap(\.loss).min())
      let state = try Checkpoint(run.checkpointPath(step: 5)).state
      #expect(later.count == 2 && state.schedule?.drops == 0)
      #expect(abs((state.schedule?.best ?? .nan) + least) < 1e-9, "\(later)")
    }

    @Test func aDryRunTouchesNothing() async throws {
      let run = try Fixture.shared().newRun(.resnet20)
      let dry = try await run.train(options: ["--dry-run"])
      #expect(dry.succeeded, "\(dry)")
      for word in ["resnet20", "160 images of 10 classes in 4 shards", "at most 4 ranks", "learning rate"] {
        #expect(dry.output.contains(word), "\(dry)")
      }
      #expect(!FileManager.default.fileExists(atPath: run.directory))
    }
  }
}
