import Checkpoints
import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("A run that begins with given weights") struct InitialWeightsTests {
    /// A step with a learning rate of zero leaves the weights where they were.
    private static let still = ["train.steps=1", "schedule.warmupSteps=0", "optimizer.learningRate=0"]

    @Test(arguments: [nil, 2]) func takesThemFromACheckpoint(ranks: Int?) async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.mlp)
      let trained = try await first.finish(["train.steps=5"])
      let path = first.checkpointPath(step: 5)
      for source in [path, path + "/model.safetensors", first.directory] {
        let second = try fixture.newRun(.mlp, Self.still)
        let status = try await second.finish(options: ["--init-from", source], ranks: ranks)
        #expect(status.weightsHash == trained.weightsHash)
      }
    }

    /// Later starts of the same command go on from the run's own checkpoints.
    @Test func resumesAsAnyOther() async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.lenet5)
      try await first.finish(["train.steps=2"])
      let options = ["--init-from", first.checkpointPath(step: 2)]
      let second = try fixture.newRun(.lenet5)
      try await second.finish(["train.steps=2"], options: options)
      let halves = try await second.finish(["train.steps=4"], options: options, ranks: 2)
      let whole = try await fixture.newRun(.lenet5).finish(["train.steps=4"], options: options)
      #expect(halves.weightsHash == whole.weightsHash)
    }

    @Test func isStrictUnlessToldOtherwise() async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.mlp)
      try await first.finish(["train.steps=2"])
      let file = first.checkpointPath(step: 2) + "/model.safetensors"
      let second = try fixture.newRun(.mlp, Self.still + ["model.widths=[40, 20]"])
      let strict = try await second.train(options: ["--init-from", file])
      #expect(strict.exitCode == 78 && !strict.timedOut, "\(strict)")
      for word in ["does not fit", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias", "--init-allow-mismatch"] {
        #expect(strict.errors.contains(word) || strict.output.contains(word), "\(word): \(strict)")
      }
      let lax = try await second.train(options: ["--init-from", file, "--init-allow-mismatch"])
      #expect(
        lax.succeeded
          && lax.output.contains("2 missing (fc3.weight, fc3.bias); 2 of another type or shape (fc2.weight, fc2.bias)"),
        "\(lax)")
    }

    /// The last layer of a shallow network becomes that of a deeper one, on all ranks.
    @Test(arguments: [nil, 2]) func takesThemUnderOtherNames(ranks: Int?) async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.mlp)
      try await first.finish(["train.steps=2"])
      let file = first.checkpointPath(step: 2) + "/model.safetensors"
      let second = try fixture.newRun(.mlp, Self.still + ["model.widths=[40, 40]"])
      let renamed = ["--init-from", file, "--init-rename", "fc2=fc3"]
      let strict = try await second.train(options: renamed, ranks: ranks)
      expectRefusal(strict, 78, "2 missing (fc2.weight, fc2.bias).", "--init-allow-mismatch")
      let lax = try await second.train(options: renamed + ["--init-allow-mismatch"], ranks: ranks)
      #expect(lax.succeeded && lax.output.contains(": 2 missing (fc2.weight, fc2.bias)\n"), "\(lax)")
      let result = second.checkpointPath(step: 1) + "/model.safetensors"
      for (source, target) in [("fc1", "fc1"), ("fc2", "fc3")] {
        for part in [".weight", ".bias"] {
          #expect(try values(source + part, of: file) == values(target + part, of: result), "\(target)\(part)")
        }
      }
    }

    private func values(_ name: String, of path: String) throws -> [UInt8] {
      let file = try SafetensorsFile(path)
      let tensor = file.description(of: name)
      var bytes = [UInt8](repeating: 0, count: try #require(tensor).bytes)
      try bytes.withUnsafeMutableBytes { try file.read(name, into: $0) }
      return bytes
    }

    @Test func refusesRenamesThatCannotBeMeant() async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.mlp)
      try await first.finish(["train.steps=2"])
      let file = first.checkpointPath(step: 2) + "/model.safetensors"
      let second = try fixture.newRun(.mlp)
      for (renames, code, phrase) in [
        (["fc2=fc1"], 78, "fc1.bias and fc2.bias of \(file) would both be fc1.bias"),
        (["fc2=fc3", "fc=fc4"], 78, "\(file) has no tensor that is renamed by fc=fc4"),
        (["fc2"], 64, "'fc2' is invalid for '--init-rename <FROM=TO>'"),
        (["fc2=fc3", "fc2=fc4"], 64, "renames fc2 twice"),
      ] {
        let refused = try await second.train(
          options: ["--init-from", file, "--init-allow-mismatch"] + renames.flatMap { ["--init-rename", $0] })
        #expect(refused.exitCode == Int(code) && refused.errors.contains(phrase), "\(phrase): \(refused)")
      }
      let alone = try await second.train(options: ["--init-rename", "fc2=fc3"])
      #expect(alone.exitCode == 64 && alone.errors.contains("--init-from"), "\(alone)")
    }

    @Test func refusesWhatIsNoSource() async throws {
      let fixture = try Fixture.shared()
      let first = try fixture.newRun(.mlp)
      try await first.finish(["train.steps=2"])
      let file = first.checkpointPath(step: 2) + "/model.safetensors"
      let stranger = try await fixture.newRun(.resnet20).train(options: ["--init-from", file, "--init-allow-mismatch"])
      #expect(stranger.exitCode == 78, "\(stranger)")
      let velocities = first.checkpointPath(step: 2) + "/optimizer.safetensors"
      expectRefusal(
        try await fixture.newRun(.mlp).train(options: ["--init-from", velocities], ranks: 2), 83,
        "has what an optimizer carries along, not weights")
      let missing = try await fixture.newRun(.mlp).train(options: ["--init-from", file + ".gone"])
      #expect(!missing.succeeded && "\(missing)".contains("gone"), "\(missing)")
      let alone = try await fixture.newRun(.mlp).train(options: ["--init-allow-mismatch"])
      #expect(!alone.succeeded && "\(alone)".contains("--init-from"), "\(alone)")
    }
  }
}
