import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Launches and runs that go wrong") struct LaunchRefusalTests {
    @Test func moreRanksThanMicrobatches() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      expectRefusal(try await run.train(ranks: 5), 78, "4 microbatches", "5 ranks")
      #expect(!FileManager.default.fileExists(atPath: run.directory))
    }

    /// srun without PMIx: every task would train alone.
    @Test func slurmTasksThatDoNotKnowOfEachOther() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      let alone = try await run.train(environment: ["SLURM_STEP_NUM_TASKS": "2"])
      expectRefusal(alone, 69, "Slurm launched 2 tasks", "srun --mpi=pmix -n 2", "train \(run.configuration)")
      #expect(!FileManager.default.fileExists(atPath: run.directory))
      try await run.finish(environment: ["SLURM_STEP_NUM_TASKS": "1"])
    }

    @Test(arguments: [("CONVOY_ISA", "avx1024", 64), ("CONVOY_NODES", "none", 69)])
    func environment(_ variable: String, _ value: String, _ code: Int) async throws {
      let refused = try await Fixture.shared().newRun(.mlp).train(environment: [variable: value])
      expectRefusal(refused, code, variable, value)
    }

    @Test(arguments: Net.allCases) func notANumber(_ net: Net) async throws {
      let run = try Fixture.shared().newRun(net, ["train.steps=50", "schedule.warmupSteps=0"])
      try await run.finish(["train.steps=2"])
      let ended = try await run.train(["optimizer.learningRate=1e30"], ranks: 2)
      expectRefusal(ended, 80, "NaN or infinite on rank", "The loss of step", "first in layer", "microbatch")
      let status = try run.status()
      #expect(status.state == .failed && status.code == 80 && status.step >= 2)
      #expect(status.reason?.contains("first in layer") == true && status.rank != nil)
      #expect(try run.checkpoints() == [2])
      let verified = try await convoy(["checkpoint", "verify", run.directory])
      #expect(verified.succeeded, "\(verified)")
    }

    /// The loss is still finite, the weights no longer are: nobody could resume from them.
    @Test func weightsThatAreNotNumbers() async throws {
      let run = try Fixture.shared().newRun(.mlp, ["schedule.warmupSteps=0"])
      try await run.finish(["train.steps=2"])
      let ended = try await run.train(["train.steps=3", "optimizer.learningRate=1e300"], ranks: 2)
      expectRefusal(ended, 80, "weights", "step 3", "fc")
      #expect(try run.checkpoints() == [2])
      #expect(try run.status().code == 80)
    }

    static let usageErrors = [
      ["train"], ["train", "config.yaml"], ["trian"], ["train", "c.yaml", "--run-dir", "r", "--resum", "auto"],
      ["eval", "--data", "d"], ["eval", "--checkpoint", "c", "--data", "d", "--batch", "0"],
      ["eval", "--checkpoint", "c", "--data", "d", "--threads", "0"],
      ["eval", "--checkpoint", "c", "--data", "d", "--protocol", "centre"], ["predict", "--checkpoint", "c"],
      ["plan"], ["plan", "resnte20"], ["plan", "mlp", "--batch", "0"], ["plan", "mlp", "--classes", "0"],
      ["plan", "mlp", "--widths", "0"], ["plan", "mlp", "--widths", "a,b"], ["plan", "mlp", "--input-size", "0"],
      ["plan", "lecture-dense", "--input-size", "16384"], ["plan", "mlp", "--batch", "9223372036854775807"],
      ["plan", "lenet5", "--input-size", "3"],
      ["bench", "step", "--model", "resnte20"], ["bench", "step", "--model", "mlp", "--batch", "0"],
      ["bench", "step", "--model", "mlp", "--steps", "0"], ["bench", "step", "--model", "mlp", "--threads", "0"],
      ["bench", "step", "--model", "mlp", "--mode", "trainig"], ["bench", "step", "--model", "mlp", "--trace"],
      ["bench", "step", "--model", "mlp", "--trace", ""],
      ["bench", "step", "--model", "mlp", "--trace", "t.json", "--steps", "1001"],
      ["plan", "mlp", "--schedule", "--batch", "0"], ["plan", "mlp", "--schedule", "--convolution", "fft"],
      ["data", "synth", "--count", "0", "--output", "o"],
      ["data", "synth", "--count", "1", "--size", "4", "--output", "o"],
      ["data", "synth", "--count", "1", "--threads", "0", "--output", "o"],
      ["data", "synth", "--kind", "zebras", "--count", "1", "--output", "o"],
      ["data", "build", "--input", "i", "--output", "o", "--encode", "raw:0"],
      ["data", "build", "--input", "i", "--output", "o", "--shard-size", "big"],
      ["checkpoint", "prune", "r", "--keep-last", "0"], ["checkpoint", "diff", "r"],
    ]

    @Test(arguments: usageErrors) func usage(_ arguments: [String]) async throws {
      let refused = try await convoy(arguments, timeout: .seconds(20))
      #expect(refused.exitCode == 64, "\(refused)")
      #expect(refused.errors.hasPrefix("Error: ") && refused.errors.contains("Usage: convoy"), "\(refused)")
      #expect(refused.output.isEmpty && !refused.errors.contains("runtime failure"), "\(refused)")
    }

    @Test(arguments: ["abc", "0s", "9223372036854775807d", "99999999999999999999"])
    func maximumTime(_ text: String) async throws {
      let refused = try await Fixture.shared().newRun(.mlp).train(options: ["--max-time", text])
      #expect(refused.exitCode == 64 && refused.errors.contains("--max-time \"\(text)\" is no time"), "\(refused)")
    }
  }
}
