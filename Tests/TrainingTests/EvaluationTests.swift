import Foundation
import Metrics
import TestSupport
import Testing
import Training

extension EndToEnd {
  @Suite("Evaluation") struct EvaluationTests {
    /// A trained network's last evaluation, whoever repeats it. Images of 13 pixels would share Winograd tiles, as they
    /// do in training.
    @Test(arguments: [8, 13]) func isTheSameForEveryone(size: Int) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(
        .resnet20, ["train.steps=10", "evaluation.everySteps=5", "model.inputSize=\(size)"])
      try await run.finish(ranks: 2)
      let logged = try run.metrics().filter { $0.kind == .evaluation }
      #expect(logged.map(\.step) == [5, 10])
      let last = try #require(logged.last)
      for (ranks, batch) in [(nil, nil), (1, 50), (2, 7), (3, 1), (4, 64)] as [(Int?, Int?)] {
        let line = ["eval", "--checkpoint", run.directory, "--data", fixture.validation, "--json"]
        let evaluated = try await convoy(line + (batch.map { ["--batch", "\($0)"] } ?? []), ranks: ranks)
        #expect(evaluated.succeeded, "\(evaluated)")
        let result = try JSONDecoder().decode(EvaluationResult.self, from: Data(evaluated.output.utf8))
        #expect(result.samples == 50)
        #expect(result.top1 == last.top1 && result.top5 == last.top5 && result.loss == last.loss, "\(evaluated)")
        #expect(Set(try #require(evaluated.json() as? [String: Any]).keys) == ["samples", "top1", "top5", "loss"])
      }
    }

    /// By the loss that is trained, which falls.
    @Test(arguments: ["perceptron", "hinge", "squaredError"])
    func measuresWhatIsTrained(_ loss: String) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(
        .mlp,
        [
          "loss.name=\(loss)", "loss.bumpWidth=0.5", "train.steps=60", "evaluation.everySteps=60",
          "augmentation.preset=none", "optimizer.learningRate=0.01",
        ])
      try await run.finish(ranks: 2)
      let trained = try run.metrics().filter { $0.kind == .train }.compactMap(\.loss)
      // How many steps a line stands for is a matter of time.
      let (first, last) = (try #require(trained.first), try #require(trained.last))
      #expect(trained.count > 1 && last < 0.7 * first, "\(trained)")
      let logged = try #require(try run.metrics().last { $0.kind == .evaluation })
      let line = ["eval", "--checkpoint", run.directory, "--data", fixture.validation, "--json"]
      let evaluated = try await convoy(line, ranks: 1)
      #expect(evaluated.succeeded, "\(evaluated)")
      let result = try JSONDecoder().decode(EvaluationResult.self, from: Data(evaluated.output.utf8))
      #expect(result.loss == logged.loss && result.top1 == logged.top1)
    }

    @Test func measuresAnyCheckpointAsText() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["checkpoint.everySteps=3"])
      try await run.finish()
      let first = run.checkpointPath(step: 3)
      let evaluated = try await convoy(["eval", "--checkpoint", first, "--data", fixture.train], ranks: 3)
      #expect(evaluated.succeeded && evaluated.output.contains("mlp step 3"), "\(evaluated)")
      #expect(evaluated.output.contains("images 160"), "\(evaluated)")
    }
  }

  @Suite("Learning") struct LearningTests {
    /// A network that cannot fit 160 images is not trained, whatever its hash.
    @Test(arguments: [
      (Net.lenet5, ["train.epochs=60", "optimizer.learningRate=0.03"], 2),
      (.resnet20, ["train.epochs=40", "optimizer.learningRate=0.05", "model.inputSize=16", "batch.microbatch=8"], 2),
    ]) func fitsAFewImages(_ net: Net, _ overrides: [String], _ ranks: Int) async throws {
      let run = try Fixture.shared().newRun(
        net, ["augmentation.preset=none", "train.steps=null", "schedule.name=cosine", "threads=1"] + overrides)
      try await run.finish(ranks: ranks)
      let trained = try run.metrics().filter { $0.kind == .train }
      let first = try #require(trained.first?.loss)
      let last = trained.suffix(5).compactMap(\.loss)
      #expect(last.count == 5 && last.reduce(0, +) / 5 < first / 5, "\(first) to \(last)")
      #expect(trained.suffix(5).compactMap(\.top1).min() ?? 0 > 90)
    }
  }
}
