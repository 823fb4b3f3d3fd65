import Foundation
import TestSupport
import Testing

extension EndToEnd {
  @Suite("A dry run refuses what the run would") struct DryRunTests {
    /// The run and its dry run end with the same code and sentence.
    private func expectRefusals(
      _ run: TrainingRun, _ changes: [String] = [], options: [String] = [], ranks: Int? = nil, _ code: Int,
      _ phrase: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      for more in [["--dry-run"], []] {
        let refused = try await run.train(changes, options: options + more, ranks: ranks)
        expectRefusal(refused, code, phrase, sourceLocation: sourceLocation)
      }
    }

    @Test func moreClassesThanTheModel() async throws {
      let fixture = try Fixture.shared()
      try await expectRefusals(
        try fixture.newRun(), ["model.classes=9"], 78, "model.classes is 9, but \(fixture.train) has 10 classes")
      let roads = fixture.newPath()
      let made = try await convoy(
        ["data", "synth", "--kind", "roads", "--quiet", "--count", "20", "--size", "16", "--output", roads])
      try #require(made.succeeded, "\(made)")
      try await expectRefusals(
        try fixture.newRun(), ["data.validation=\(roads)"], 78, "model.classes is 10, but \(roads) has 30 classes")
    }

    @Test func moreMemoryThanTheMachineHas() async throws {
      let run = try Fixture.shared().newRun(.resnet20)
      let changes = ["batch.global=16777216", "batch.microbatch=16777216"]
      try await expectRefusals(run, changes, 78, "MiB, and this machine has")
    }

    @Test func moreRanksThanMicrobatches() async throws {
      try await expectRefusals(try Fixture.shared().newRun(), ranks: 5, 78, "Could not share 4 microbatches")
    }

    @Test func weightsThatDoNotFit() async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun()
      try await first.finish(["train.steps=2"])
      let file = first.checkpointPath(step: 2) + "/model.safetensors"
      let deeper = try fixture.newRun(.mlp, ["model.widths=[40, 40]"])
      let renamed = ["--init-from", file, "--init-rename", "fc2=fc3"]
      try await expectRefusals(
        deeper, options: renamed, 78, "does not fit the network: 2 missing (fc2.weight, fc2.bias)")
      try await expectRefusals(
        deeper, options: renamed + ["--init-rename", "fc4=fc5"], 78, "has no tensor that is renamed by fc4=fc5")
      try await expectRefusals(
        try fixture.newRun(.resnet20), options: ["--init-from", file, "--init-allow-mismatch"], 78,
        "has no tensor that the network has")
      let missing = fixture.newPath()
      let gone = try await deeper.train(options: ["--init-from", missing, "--dry-run"])
      #expect(!gone.succeeded && "\(gone)".contains(missing), "\(gone)")
      let lax = try await deeper.train(options: renamed + ["--init-allow-mismatch", "--dry-run"], ranks: 2)
      #expect(lax.succeeded, "\(lax)")
      // Of all ranks one says it.
      let starts = lax.output.split(separator: "\n").filter { $0.hasPrefix("start ") }
      #expect(starts == ["start        \(file): 2 missing (fc2.weight, fc2.bias)"], "\(lax)")
    }

    /// Weights to begin with do not matter where there is a checkpoint to go on from.
    @Test func aRunThatGoesOn() async throws {
      let run = try Fixture.shared().newRun()
      try await run.finish(["train.steps=2"])
      let before = try run.contents()
      let options = ["--init-from", run.directory + "/none", "--dry-run"]
      let dry = try await run.train(options: options)
      #expect(dry.succeeded && dry.output.contains("start        \(run.checkpointPath(step: 2))\n"), "\(dry)")
      let anew = try await run.train(options: options + ["--resume", "none"])
      #expect(!anew.succeeded && "\(anew)".contains(run.directory + "/none"), "\(anew)")
      #expect(try run.contents() == before)
      let nowhere = run.checkpointPath(step: 7)
      try await expectRefusals(run, options: ["--resume", nowhere], 66, "There is no checkpoint at \(nowhere)")
    }
  }
}
