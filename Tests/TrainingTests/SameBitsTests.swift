import Kernels
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("The same bits") struct SameBitsTests {
    /// Where a run happens, which must not matter.
    struct Place: Sendable, CustomTestStringConvertible {
      var ranks: Int?
      var threads = 1
      var instructions: String?
      var nodes: Int?

      var testDescription: String {
        "\(ranks.map { "\($0) ranks" } ?? "no mpirun"), \(threads) threads, \(instructions ?? "fastest")"
          + (nodes.map { ", \($0) nodes" } ?? "")
      }
    }

    static let places: [Place] =
      [1, 2, 3, 4].map { Place(ranks: $0) }
      + [2, 3, 4].map { Place(ranks: $0, nodes: 2) }
      + [Place(ranks: 4, nodes: 4), Place(threads: 2), Place(ranks: 2, threads: 2), Place(threads: 3)]
      + KernelSet.supported.map { Place(instructions: $0.name) }
      + [Place(ranks: 3, threads: 2, instructions: KernelSet.supported[0].name, nodes: 2)]

    @Test(arguments: places) func batchNorm(_ place: Place) async throws { try await check(.resnet20, place) }

    @Test(arguments: places.filter { $0.ranks ?? 3 > 2 }) func convolutions(_ place: Place) async throws {
      try await check(.lenet5, place)
    }

    private func check(_ net: Net, _ place: Place) async throws {
      let overrides = ["train.steps=4"]
      let fixture = try Fixture.shared()
      let status = try await fixture.newRun(net, overrides).finish(
        ["threads=\(place.threads)"], ranks: place.ranks,
        environment: ["CONVOY_ISA": place.instructions, "CONVOY_NODES": place.nodes.map(String.init)])
      #expect(try await status.weightsHash == fixture.referenceHash(net, overrides))
    }

    /// Equal hashes mean something only if other runs have others.
    @Test(
      arguments: [
        "seed=4", "optimizer.learningRate=0.0200001", "optimizer.nesterov=false", "batch.microbatch=8",
        "augmentation.preset=none", "train.steps=5", "schedule.warmupSteps=3", "loss.labelSmoothing=0.1",
      ])
    func otherRunsHaveOtherBits(_ override: String) async throws {
      let fixture = try Fixture.shared()
      let status = try await fixture.newRun(.resnet20, ["train.steps=4"]).finish([override])
      #expect(try await status.weightsHash != fixture.referenceHash(.resnet20, ["train.steps=4"]))
    }

    @Test func theHashIsThatOfTheCheckpoint() async throws {
      let run = try Fixture.shared().newRun(.resnet20)
      let status = try await run.finish(ranks: 2)
      let verified = try await convoy(["checkpoint", "verify", run.directory])
      #expect(verified.succeeded, "\(verified)")
      #expect(verified.output.contains(try #require(status.weightsHash)))
      let logged = try run.metrics().filter { $0.kind != .train }
      #expect(logged.map(\.kind) == [.evaluation, .checkpoint])
      #expect(logged.allSatisfy { $0.weightsHash == status.weightsHash })
    }
  }
}
