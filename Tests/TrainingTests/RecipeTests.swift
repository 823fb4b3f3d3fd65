import Foundation
import Kernels
import Metrics
import TestSupport
import Testing
import Training

extension EndToEnd {
  /// Runs whose steps need more than a gradient's own place: norms over all ranks, evaluations, averages.
  @Suite("Recipes") struct RecipeTests {
    struct Recipe: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let overrides: [String]

      init(_ name: String, _ overrides: String...) {
        testDescription = name
        self.overrides = overrides
      }
    }

    static let recipes = [
      Recipe(
        "lars with clipping", "optimizer.name=lars", "optimizer.learningRate=2", "optimizer.momentumCorrection=true",
        "optimizer.clipNorm=0.5"),
      Recipe(
        "adamw", "optimizer.name=adamw", "optimizer.nesterov=false", "optimizer.learningRate=0.002",
        "optimizer.clipValue=0.01"),
      Recipe(
        "lamb with clipping", "optimizer.name=lamb", "optimizer.nesterov=false", "optimizer.learningRate=0.01",
        "optimizer.clipNorm=0.5"),
      Recipe(
        "renormalised filters and a mean of weights", "optimizer.filterRenormalization=0.1", "average.name=polyak",
        "average.fromStep=2", "evaluation.everySteps=2"),
      Recipe(
        "a plateau, a moving average and mixup", "schedule.name=plateau", "schedule.plateauEvaluations=1",
        "schedule.plateauMeasure=loss", "schedule.factor=0.5", "evaluation.everySteps=1", "average.name=ema",
        "average.decay=0.8", "augmentation.mixup=0.4", "optimizer.momentumForm=caffe",
        "optimizer.momentumCorrection=true"),
      Recipe(
        "scaled crops in changed colours, an inverse schedule", "augmentation.preset=none", "augmentation.flip=true",
        "augmentation.shorterSide=[32, 48]", "augmentation.brightness=0.4", "augmentation.contrast=0.4",
        "augmentation.saturation=0.4", "augmentation.lighting=0.1", "schedule.name=inverse", "schedule.gamma=0.1",
        "schedule.power=0.75"),
    ]

    @Test(arguments: recipes) func haveTheSameBitsAnywhere(_ recipe: Recipe) async throws {
      let fixture = try Fixture.shared()
      let reference = try await fixture.referenceHash(.resnet20, recipe.overrides)
      for (ranks, nodes, threads, instructions) in [
        (2, nil, 1, nil), (3, 2, 2, nil), (nil, nil, 1, KernelSet.supported[0].name),
      ] as [(Int?, Int?, Int, String?)] {
        let status = try await fixture.newRun(.resnet20, recipe.overrides).finish(
          ["threads=\(threads)"], ranks: ranks,
          environment: ["CONVOY_ISA": instructions, "CONVOY_NODES": nodes.map(String.init)])
        #expect(status.weightsHash == reference, "\(ranks ?? 1) ranks")
      }
      #expect(try await reference != fixture.referenceHash(.resnet20, []))
    }

    /// Three steps on two ranks and three on three: the same weights, moments, averages and schedule as in one go.
    @Test(arguments: recipes) func goOnAsIfNeverStopped(_ recipe: Recipe) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.resnet20, recipe.overrides)
      try await run.finish(["train.steps=3"], ranks: 2)
      try await run.finish(ranks: 3)
      let whole = try fixture.newRun(.resnet20, recipe.overrides)
      try await whole.finish()
      let compared = try await convoy([
        "checkpoint", "diff", run.checkpointPath(step: 6), whole.checkpointPath(step: 6),
      ])
      #expect(compared.succeeded && compared.output == "equal\n", "\(compared)")
      #expect(try schedule(of: run) == schedule(of: whole))
      let verified = try await convoy(["checkpoint", "verify", run.directory])
      #expect(verified.succeeded, "\(verified)")
    }

    private func schedule(of run: TrainingRun) throws -> [String: Double] {
      let state = try Data(contentsOf: URL(fileURLWithPath: run.checkpointPath(step: 6) + "/state.json"))
      let root = try #require(JSONSerialization.jsonObject(with: state) as? [String: Any])
      return try #require(root["schedule"] as? [String: Double])
    }

    /// A run that stops where an evaluation is due makes up for it, and its learning rate is the same.
    @Test func anEvaluationIsOwed() async throws {
      let fixture = try Fixture.shared()
      let settings = [
        "schedule.name=plateau", "schedule.plateauEvaluations=1", "schedule.factor=0.99", "evaluation.everySteps=1",
        "schedule.plateauMeasure=loss", "logging.everySeconds=0.1",
      ]
      let run = try fixture.newRun(.mlp, settings)
      let endless = ["train.steps=100000000"]
      let first = try await run.stop(endless, options: ["--max-time", "1s"], ranks: 2)
      let second = try await run.stop(endless, options: ["--max-time", "1s"])
      #expect(first.step > 0 && second.step > first.step)
      let evaluated = try run.metrics().filter { $0.kind == .evaluation }.map(\.step)
      #expect(evaluated.contains(first.step))
      let whole = try await fixture.newRun(.mlp, settings).finish(["train.steps=\(second.step)"])
      #expect(whole.weightsHash == second.weightsHash)
    }

    /// What is evaluated, saved and hashed is the average; what is trained is kept beside it.
    @Test func averagesAreWhatIsUsed() async throws {
      let fixture = try Fixture.shared()
      let plain = ["evaluation.everySteps=3", "train.steps=9"]
      let averaged = plain + ["average.name=ema", "average.decay=0.9"]
      let run = try fixture.newRun(.resnet20, averaged)
      let status = try await run.finish(ranks: 2)
      let last = try #require(try run.metrics().last { $0.kind == .evaluation })
      #expect(last.weightsHash == status.weightsHash)
      let line = ["eval", "--checkpoint", run.directory, "--data", fixture.validation, "--json"]
      let result = try JSONDecoder().decode(EvaluationResult.self, from: Data(try await convoy(line).output.utf8))
      #expect(result.loss == last.loss && result.top1 == last.top1)

      let trained = try fixture.newRun(.resnet20, plain)
      try await trained.finish()
      let other = try #require(try trained.metrics().last { $0.kind == .evaluation })
      #expect(other.weightsHash != last.weightsHash && other.loss != last.loss)
      // Averaging does not touch training: the losses on the way are the same.
      func losses(_ run: TrainingRun) throws -> [Double?] {
        try run.metrics().filter { $0.kind == .train && $0.step == 9 }.map(\.loss)
      }
      #expect(try losses(run) == losses(trained))
      let inspected = try await convoy(["checkpoint", "inspect", run.checkpointPath(step: 9), "--json"])
      let report = try #require(try inspected.json() as? [String: Any])
      let names = try #require(report["optimizer"] as? [[String: Any]]).compactMap { $0["name"] as? String }
      #expect(names.contains("conv1.weight") && names.contains("trained:conv1.weight"))
      #expect(names.contains("trained:bn1.running_mean"))
    }

    @Test func anotherRulesStateIsRefused() async throws {
      let run = try Fixture.shared().newRun(.mlp)
      try await run.finish()
      for (change, phrase) in [
        (["optimizer.name=adamw", "optimizer.nesterov=false"], "optimizer.name was sgd, is adamw"),
        (["optimizer.momentumForm=caffe"], "optimizer.momentumForm was null, is caffe"),
        (["average.name=polyak"], "average.name was null, is polyak"),
      ] {
        expectRefusal(try await run.train(change + ["train.steps=9"], ranks: 2), 83, phrase)
      }
    }

    @Test func plansKnowTheMoments() async throws {
      func plan(_ optimizer: String) async throws -> [String: Int] {
        let planned = try await convoy(["plan", "lenet5", "--optimizer", optimizer, "--json"])
        let root = try #require(try planned.json() as? [String: Any])
        return try #require(root["arenas"] as? [String: Int])
      }
      let (sgd, lamb) = (try await plan("sgd"), try await plan("lamb"))
      #expect(sgd["secondMomentBytes"] == 0 && lamb["secondMomentBytes"] == lamb["parameterBytes"])
      #expect(sgd["momentumBytes"] == lamb["momentumBytes"])
      let schedule = try await convoy(["plan", "lenet5", "--optimizer", "lamb", "--schedule"])
      #expect(schedule.output.contains("lamb step") && !schedule.output.contains("momentum step"), "\(schedule)")
      let dry = try await Fixture.shared().newRun(.resnet20).train(
        ["optimizer.name=adamw", "optimizer.nesterov=false", "average.name=ema"], options: ["--dry-run"])
      #expect(dry.succeeded && dry.output.contains("optimizer 3 MiB"), "\(dry)")
    }
  }
}
