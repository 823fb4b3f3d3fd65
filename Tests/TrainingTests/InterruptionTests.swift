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
  @Suite("A run that is interrupted") struct InterruptionTests {
    /// Long enough to be caught in the middle of it.
    static let length = ["train.steps=150"]

    /// Who gets a signal.
    enum Target: Sendable { case launcher, oneRank, alone }

    struct Interruption: Sendable, CustomTestStringConvertible {
      var signal: Int32
      var target: Target
      var ranks: Int?
      /// Of the second start.
      var ranksAfter: Int?
      var testDescription: String { "signal \(signal) to \(target) of \(ranks ?? 1), then \(ranksAfter ?? 1)" }
    }

    static let requests = [
      Interruption(signal: SIGUSR1, target: .launcher, ranks: 2, ranksAfter: 3),
      Interruption(signal: SIGUSR1, target: .oneRank, ranks: 4),
      Interruption(signal: SIGTERM, target: .oneRank, ranks: 3, ranksAfter: 2),
      Interruption(signal: SIGINT, target: .alone, ranksAfter: 2),
      Interruption(signal: SIGTERM, target: .alone),
    ]

    @Test(arguments: requests) func stopsWithACheckpointAndGoesOn(_ interruption: Interruption) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.resnet20, Self.length)
      let stopped = try await run.stop(ranks: interruption.ranks) { launcher in
        try await run.waitForStep(3)
        let receiver = interruption.target == .oneRank ? try #require(ranks(below: launcher).last) : launcher
        kill(receiver, interruption.signal)
      }
      #expect((3..<150).contains(stopped.step))
      #expect(stopped.reason?.contains("start the same command again") == true)
      let finished = try await run.finish(ranks: interruption.ranksAfter)
      #expect(finished.step == 150)
      #expect(try await finished.weightsHash == fixture.referenceHash(.resnet20, Self.length))
      try expectRisingSteps(run, until: 150)
    }

    static let kills = [
      Interruption(signal: SIGKILL, target: .launcher, ranks: 2, ranksAfter: 3),
      Interruption(signal: SIGKILL, target: .oneRank, ranks: 3, ranksAfter: 2),
      Interruption(signal: SIGKILL, target: .oneRank, ranks: 2, ranksAfter: 4),
      Interruption(signal: SIGKILL, target: .alone, ranksAfter: 2),
      // mpirun passes these on, but does not wait for long before it kills.
      Interruption(signal: SIGTERM, target: .launcher, ranks: 2, ranksAfter: 2),
      Interruption(signal: SIGINT, target: .launcher, ranks: 3),
    ]

    /// Perhaps no time to save anything: what was saved before is enough.
    @Test(arguments: kills) func diesAndGoesOn(_ interruption: Interruption) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.resnet20, Self.length)
      let often = ["checkpoint.everySteps=3"]
      let step = Int.random(in: 4...60)
      let died = try await run.train(often, ranks: interruption.ranks) { launcher in
        try await run.waitForStep(step)
        let all = interruption.target == .alone ? [launcher] : try ranks(below: launcher)
        kill(interruption.target == .oneRank ? try #require(all.randomElement()) : launcher, interruption.signal)
        for _ in 0..<3000 where all.contains(where: isAlive) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!all.contains(where: isAlive), "ranks outlive their launcher")
      }
      #expect(died.exitCode != 0 && !died.timedOut, "\(died)")
      #expect(try run.checkpoints().last ?? 0 >= 3)
      let finished = try await run.train(often, ranks: interruption.ranksAfter)
      #expect(finished.succeeded && finished.output.contains("resumed from"), "\(finished)")
      #expect(try await run.status().weightsHash == fixture.referenceHash(.resnet20, Self.length))
      #expect(try run.checkpoints().count == 3)
      try expectRisingSteps(run, until: 150)
    }

    @Test(arguments: [nil, 2]) func stopsWhenItsTimeIsOver(ranks: Int?) async throws {
      let run = try Fixture.shared().newRun(.mlp)
      let endless = ["train.steps=100000000", "logging.everySeconds=0.1"]
      let first = try await run.stop(endless, options: ["--max-time", "1s"], ranks: ranks)
      let second = try await run.stop(endless, options: ["--max-time", "1"], ranks: ranks)
      #expect(first.step > 0 && second.step > first.step)
      let uninterrupted = try await Fixture.shared().newRun(.mlp).finish(["train.steps=\(second.step)", endless[1]])
      #expect(uninterrupted.weightsHash == second.weightsHash)
    }

    /// metrics.jsonl counts every step once, however often the run began.
    private func expectRisingSteps(_ run: TrainingRun, until last: Int) throws {
      let steps = try run.metrics().map(\.step)
      #expect(steps == steps.sorted() && steps.last == last)
      let trained = try run.metrics().filter { $0.kind == .train }.map(\.step)
      #expect(Set(trained).count == trained.count)
    }
  }
}
