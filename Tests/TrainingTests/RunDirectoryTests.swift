import Foundation
import Metrics
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension EndToEnd {
  @Suite("Run directories") struct RunDirectoryTests {
    @Test(arguments: [nil, 2]) func thatCannotBeMade(ranks: Int?) async throws {
      let fixture = try Fixture.shared()
      let file = try fixture.newFile("precious")
      for (directory, obstacle) in [(file, file), (file + "/run", file), ("/proc/convoy/run", "/proc/convoy")] {
        let run = TrainingRun(configuration: try fixture.newRun(.mlp).configuration, directory: directory)
        expectRefusal(try await run.train(ranks: ranks), 73, "cannot create the run directory", obstacle)
      }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
    }

    @Test(.enabled(if: isMountingAllowed)) func thatMayOnlyBeRead() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      try await withTemporaryFileSystem(at: run.directory, "ro") {
        expectRefusal(try await run.train(ranks: 2), 73, run.directory)
        let below = TrainingRun(configuration: run.configuration, directory: run.directory + "/below")
        expectRefusal(try await below.train(), 73, below.directory)
      }
    }

    /// Two runs never write into one directory; the one that was first goes on.
    @Test(arguments: [nil, 2]) func inUseByAnotherRun(ranks: Int?) async throws {
      let run = try Fixture.shared().newRun(.mlp, ["train.steps=100000000"])
      let stopped = try await run.stop(ranks: ranks) { launcher in
        try await run.waitForStep(1)
        let holder = try ranks == nil ? [launcher] : TrainingTests.ranks(below: launcher)
        let second = try await run.train(ranks: ranks)
        expectRefusal(second, 73, run.directory, "process ", "is training in it")
        #expect(holder.contains { second.errors.contains("process \($0) on ") }, "\(second)")
        #expect(holder.allSatisfy(isAlive))
        kill(launcher, SIGUSR1)
      }
      #expect(stopped.step > 0)
    }

    @Test func holdsWhatRanIt() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["evaluation.everySteps=3"])
      try await run.finish(ranks: 2)
      let names = try FileManager.default.contentsOfDirectory(atPath: run.directory)
      for name in ["config.yaml", "env.json", "status.json", "metrics.jsonl", "checkpoints"] {
        #expect(names.contains(name), "\(names)")
      }
      // The resolved configuration says everything: run again, it gives the same weights.
      let again = TrainingRun(configuration: run.directory + "/config.yaml", directory: fixture.newPath())
      #expect(try await again.finish().weightsHash == run.status().weightsHash)
      let records = try run.metrics()
      #expect(records.filter { $0.kind == .train }.allSatisfy { $0.loss != nil && $0.learningRate != nil })
      #expect(records.filter { $0.kind == .evaluation }.map(\.step) == [3, 6])
    }

    /// Whatever becomes of a run, its status has the last evaluation, until one of an earlier step begins it anew.
    @Test func hasTheLastEvaluationInItsStatus() async throws {
      let run = try Fixture.shared().newRun(.mlp, ["evaluation.everySteps=4"])
      let first = try #require(try await run.finish(ranks: 2).evaluation)
      let logged = try run.metrics().filter { $0.kind == .evaluation }
      #expect(logged.map(\.step) == [4, 6] && first == logged.last.map(RunStatus.Evaluation.init))
      #expect(first.loss != nil && first.top1 != nil && first.top5 != nil && first.distance == nil)
      #expect(try await run.finish().evaluation == first)
      expectRefusal(try await run.train(["average.name=ema", "train.steps=9"], ranks: 2), 83, "average.name")
      #expect(try run.status().state == .failed && run.status().evaluation == first)
      let stopped = try await run.stop(["train.steps=100000000", "evaluation.everySteps=100000000"]) { launcher in
        try await run.waitForStep(7)
        #expect(try run.status().evaluation == first)
        kill(launcher, SIGUSR1)
      }
      #expect(stopped.evaluation == first)
      let without = ["data.validation=null", "train.steps=5"]
      #expect(try await run.finish(without, options: ["--resume", "none"]).evaluation == nil)
    }

    /// A run that goes on from an older checkpoint has the last evaluation before that, whoever wrote a later one.
    @Test func hasTheLastEvaluationThatIsLeftInItsLog() async throws {
      let run = try Fixture.shared().newRun(.mlp, ["evaluation.everySteps=2", "checkpoint.everySteps=3"])
      try await run.finish()
      try #require(try run.metrics().filter { $0.kind == .evaluation }.map(\.step) == [2, 4, 6])
      let from = ["--resume", run.checkpointPath(step: 3)]
      for steps in [3, 5] {
        let status = try await run.finish(["data.validation=null", "train.steps=\(steps)"], options: from, ranks: 2)
        let left = try #require(try run.metrics().first { $0.kind == .evaluation })
        #expect(left.step == 2 && status.evaluation == RunStatus.Evaluation(left), "\(status)")
      }
    }

    /// With so few lines of progress, a status of a later step than the first is that of a save.
    @Test func hasItsNewestCheckpointInItsStatus() async throws {
      let run = try Fixture.shared().newRun(.mlp, ["checkpoint.everySteps=3", "logging.everySeconds=1000"])
      try await run.stop(["train.steps=100000000"]) { launcher in
        try await run.waitForStep(3)
        let status = try run.status()
        kill(launcher, SIGUSR1)
        #expect(status.state == .running && status.step.isMultiple(of: 3) && status.epoch != nil)
        #expect(status.checkpoint == run.checkpointPath(step: status.step))
        let saved = try run.metrics().first { $0.kind == .checkpoint && $0.step == status.step }
        #expect(status.weightsHash?.count == 32 && status.weightsHash == saved?.weightsHash, "\(status)")
      }
    }
  }

  @Suite("A full disk", .enabled(if: isMountingAllowed)) struct FullDiskTests {
    /// A checkpoint takes a quarter of the disk. What fits stays sound, and with more room the run goes on.
    @Test(arguments: [nil, 2]) func keepsWhatFits(ranks: Int?) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["train.steps=12"])
      let often = ["checkpoint.everySteps=1", "checkpoint.keepLast=12"]
      try await withTemporaryFileSystem(at: run.directory, "size=1200k") {
        let full = try await run.train(often, ranks: ranks)
        expectRefusal(full, 74, "the disk is full")
        let saved = try run.checkpoints()
        #expect(saved.count >= 2 && !saved.contains(12))
        let verified = try await convoy(["checkpoint", "verify", run.directory])
        #expect(verified.succeeded, "\(verified)")
        let larger = try await TestSupport.run("mount", ["-o", "remount,size=20m", run.directory])
        try #require(larger.succeeded, "\(larger)")
        let finished = try await run.finish(often)
        #expect(try await finished.weightsHash == fixture.referenceHash(.mlp, ["train.steps=12"]))
      }
    }
  }
}

/// Whether this process may mount file systems: tests as root, in most containers not.
let isMountingAllowed: Bool = geteuid() == 0 && FileManager.default.isWritableFile(atPath: "/proc/sys/vm/drop_caches")

/// Lends a file system in memory, mounted at the new folder `path`.
func withTemporaryFileSystem(at path: String, _ options: String, _ body: () async throws -> Void) async throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  let mounted = try await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path])
  try #require(mounted.succeeded, "\(mounted)")
  let outcome: Swift.Result<Void, any Error>
  do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
  let unmounted = try await run("umount", [path])
  #expect(unmounted.succeeded, "\(unmounted)")
  try outcome.get()
}
