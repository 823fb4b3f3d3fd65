import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Checkpoints that cannot be used") struct CheckpointRefusalTests {
    struct Damage: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var file: String
      var change: @Sendable (inout Data) -> Void

      init(_ name: String, _ file: String, _ change: @escaping @Sendable (inout Data) -> Void) {
        testDescription = "\(file) \(name)"
        self.file = file
        self.change = change
      }
    }

    static let files = ["model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"]
    static let damages =
      files.map { file in Damage("truncated", file) { $0 = $0.prefix($0.count * 2 / 3) } }
      + files.dropLast().map { file in Damage("with a flipped bit", file) { $0[$0.count / 2] ^= 16 } }
      + [Damage("emptied", "model.safetensors") { $0 = Data() }]

    /// Loudly, and with the same weights in the end.
    @Test(arguments: damages) func anOlderOneIsUsed(_ damaged: Damage) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["checkpoint.everySteps=2"])
      try await run.finish()
      let newest = run.checkpointPath(step: 6)
      try damage("\(newest)/\(damaged.file)", damaged.change)
      let again = try await run.train(ranks: 2)
      #expect(again.succeeded, "\(again)")
      #expect(again.output.contains("resumed from \(run.checkpointPath(step: 4)) at step 4"), "\(again)")
      let warning = (again.output + again.errors).split(separator: "\n").first { $0.contains("warning: ") }
      #expect(warning?.contains("step-000000006") == true, "\(again)")
      #expect(try await run.status().weightsHash == fixture.referenceHash(.mlp, []))
      let verified = try await convoy(["checkpoint", "verify", run.directory])
      #expect(verified.succeeded, "\(verified)")
    }

    @Test func brokenOnesAreNamed() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["checkpoint.everySteps=2"])
      try await run.finish()
      let newest = run.checkpointPath(step: 6)
      try damage(newest + "/model.safetensors") { $0[$0.count - 1] ^= 1 }
      let verified = try await convoy(["checkpoint", "verify", run.directory])
      #expect(verified.exitCode == 65 && verified.output.contains("\(newest)/model.safetensors"), "\(verified)")
      let evaluate = ["eval", "--data", fixture.validation, "--checkpoint"]
      expectRefusal(try await convoy(evaluate + [newest], ranks: 2), 65, newest)
      expectRefusal(try await run.train(["train.steps=9"], options: ["--resume", newest], ranks: 2), 65, newest)
      let older = try await convoy(evaluate + [run.directory])
      #expect(older.succeeded && older.output.contains("step 4") && older.output.contains("warning: "), "\(older)")
      let listed = try await convoy(["checkpoint", "list", run.directory])
      #expect(listed.succeeded && listed.output.contains("model.safetensors"), "\(listed)")
    }

    /// A run that began anew would bury what may still be repaired.
    @Test func allAreBroken() async throws {
      let run = try Fixture.shared().newRun(.mlp, ["checkpoint.everySteps=2"])
      try await run.finish()
      for step in [2, 4, 6] {
        try damage(run.checkpointPath(step: step) + "/model.safetensors") { $0[$0.count - 1] ^= 1 }
      }
      let before = try run.contents()
      expectRefusal(try await run.train(ranks: 2), 65, "None of the 3 checkpoints", run.directory)
      let after = try run.contents()
      #expect(before.keys.filter { before[$0] != after[$0] && $0 != "status.json" } == [])
    }

    /// What must be the same, and how the message names it.
    static let mismatches: [(change: String, phrase: String)] = [
      ("model.name=lenet5", "its model is \"mlp\", and this run's is \"lenet5\""),
      ("seed=4", "seed"),
      ("batch.global=8", "batch.global was 16, is 8"),
      ("batch.microbatch=8", "batch.microbatch was 4, is 8"),
      ("loss.name=hinge", "loss.name was crossEntropy, is hinge"),
      ("model.widths=[50]", "model.widths was"),
      ("data.train=VALIDATION", "its data set is"),
    ]

    @Test(arguments: mismatches.map(\.change)) func ofAnotherRun(_ change: String) async throws {
      let fixture = try Fixture.shared()
      let phrase = try #require(Self.mismatches.first { $0.change == change }?.phrase)
      let run = try fixture.newRun(.mlp)
      try await run.finish()
      let before = try run.contents()
      let changed = change.replacing("VALIDATION", with: fixture.validation)
      let refused = try await run.train([changed, "train.steps=9"], ranks: change.hasPrefix("model") ? nil : 2)
      expectRefusal(refused, 83, "Could not resume from \(run.checkpointPath(step: 6))", phrase)
      let after = try run.contents()
      #expect(before.keys.filter { before[$0] != after[$0] && $0 != "status.json" } == [])
      // Asked for, a run begins anew.
      if change == "seed=4" { try await run.finish([changed], options: ["--resume", "none"]) }
    }

    @Test func thereIsNone() async throws {
      let fixture = try Fixture.shared()
      let nowhere = fixture.newPath()
      let run = try fixture.newRun(.mlp)
      expectRefusal(try await run.train(options: ["--resume", nowhere], ranks: 2), 66, "no checkpoint at \(nowhere)")
      expectRefusal(
        try await convoy(["eval", "--checkpoint", nowhere, "--data", fixture.validation], ranks: 2), 66, nowhere)
      for command in ["inspect", "verify", "list", "prune"] {
        expectRefusal(try await convoy(["checkpoint", command, nowhere]), 66, nowhere)
      }
      #expect(!FileManager.default.fileExists(atPath: nowhere))
    }

    /// Other classes than the network tells apart.
    @Test func evaluatedOnOtherData() async throws {
      let fixture = try Fixture.shared()
      let tree = fixture.newPath()
      let shards = fixture.newPath()
      let made = try await convoy([
        "data", "synth", "--count", "20", "--size", "16", "--tree", "--output", tree, "--quiet",
      ])
      try #require(made.succeeded, "\(made)")
      let extra = try #require(FileManager.default.contentsOfDirectory(atPath: tree).sorted().first)
      try FileManager.default.copyItem(atPath: "\(tree)/\(extra)", toPath: "\(tree)/eleventh")
      let built = try await convoy(["data", "build", "--input", tree, "--output", shards, "--quiet"])
      try #require(built.succeeded, "\(built)")
      let run = try fixture.newRun(.mlp)
      try await run.finish()
      let evaluated = try await convoy(["eval", "--checkpoint", run.directory, "--data", shards], ranks: 2)
      expectRefusal(evaluated, 65, "has 11 classes", "tells 10 apart")
    }
  }
}
