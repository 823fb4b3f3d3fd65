import Foundation
import Metrics
import TestSupport
import Testing
import Training

extension EndToEnd {
  /// ALVINN: from grey pictures of roads to a steering direction, through the commands.
  @Suite("Steering") struct RoadTests {
    static let configuration = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "configs/alvinn-roads.yaml").path

    /// A mean distance of fewer than 3 of the 30 units; always to steer straight ahead would be 7.5 off.
    @Test func isLearntFromRoads() async throws {
      let fixture = try Fixture.shared()
      let (train, test) = (fixture.newPath(), fixture.newPath())
      for line in [["1500", "--seed", "1", "--output", train], ["150", "--seed", "2", "--output", test]] {
        let made = try await convoy(["data", "synth", "--kind", "roads", "--quiet", "--count"] + line)
        try #require(made.succeeded, "\(made)")
      }
      let run = TrainingRun(
        configuration: Self.configuration, directory: fixture.newPath(),
        overrides: [
          "data.train=\(train)", "data.validation=\(test)", "train.epochs=40", "evaluation.everyEpochs=20", "threads=1",
        ])
      try await run.finish(ranks: 2)
      let logged = try run.metrics().filter { $0.kind == .evaluation }
      let distances = logged.compactMap(\.distance)
      #expect(logged.count == 2 && distances.count == 2)
      let last = try #require(distances.last)
      #expect(last < 3, "\(distances)")
      // Whoever measures it.
      for ranks in [1, 3] {
        let evaluated = try await convoy(
          ["eval", "--checkpoint", run.directory, "--data", test, "--batch", "\(7 * ranks)", "--json"], ranks: ranks)
        #expect(evaluated.succeeded, "\(evaluated)")
        let result = try JSONDecoder().decode(EvaluationResult.self, from: Data(evaluated.output.utf8))
        #expect(result.distance == last && result.loss == logged.last?.loss && result.top1 == logged.last?.top1)
      }
      let text = try await convoy(["eval", "--checkpoint", run.directory, "--data", test])
      #expect(text.output.contains(" distance \(last) "), "\(text)")
      let listed = try await convoy(["checkpoint", "list", run.directory, "--json"])
      let rows = try #require(try listed.json() as? [[String: Any]])
      let saved = number((rows.last?["metrics"] as? [String: Any])?["distance"])
      #expect(abs(saved - last) < 1e-9, "\(listed)")
      try await predictionsHaveAPosition(run, test)
    }

    /// A picture of the held-out roads, as a file.
    private func predictionsHaveAPosition(_ run: TrainingRun, _ shards: String) async throws {
      let fixture = try Fixture.shared()
      var worst = 0.0
      for index in 0..<3 {
        let picture = fixture.newPath(".png")
        let drawn = try await convoy(["data", "sample", shards, "--index", "\(index)", "--output", picture])
        let unit = try #require(drawn.output.split(separator: "-").last.flatMap { Int($0.dropLast()) }, "\(drawn)")
        let told = try await convoy(["predict", "--checkpoint", run.directory, "--json", picture])
        let row = try #require((try told.json() as? [[String: Any]])?.first)
        let guesses = try #require(row["guesses"] as? [[String: Any]])
        #expect(guesses.count == 5 && guesses.allSatisfy { $0["probability"] == nil && $0["logit"] != nil }, "\(told)")
        let position = number(row["position"])
        // Within the hill around the most active unit.
        #expect(abs(position - number(guesses[0]["classIndex"])) <= 3, "\(told)")
        worst = max(worst, abs(position - Double(unit)))
        let table = try await convoy(["predict", "--checkpoint", run.directory, "--top", "2", picture])
        let lines = table.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 4 && lines[1].hasPrefix("  position ") && !table.output.contains("%"), "\(table)")
      }
      #expect(worst < 12)
    }

    private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

    /// The best checkpoint and a plateau by how far answers are from labels, where what is best so is neither best by
    /// loss nor by top-1.
    @Test func distanceIsAMeasure() async throws {
      let settings = [
        "loss.name=squaredError", "schedule.name=plateau", "schedule.plateauMeasure=distance",
        "evaluation.everySteps=1",
        "checkpoint.everySteps=1", "checkpoint.keepLast=1", "checkpoint.keepBest=distance", "train.steps=12",
      ]
      let run = try Fixture.shared().newRun(.mlp, settings)
      let status = try await run.finish(ranks: 2)
      let logged = try run.metrics().filter { $0.kind == .evaluation }
      try #require(logged.count == 12)
      let best = try #require(logged.min { ($0.distance ?? .infinity) < ($1.distance ?? .infinity) })
      let least = logged.min { ($0.loss ?? .infinity) < ($1.loss ?? .infinity) }
      let right = logged.max { ($0.top1 ?? 0) < ($1.top1 ?? 0) }
      try #require(best.step != 12 && best.step != least?.step && best.step != right?.step, "\(logged)")
      #expect(try run.checkpoints() == [best.step, 12])
      #expect(status.evaluation?.distance == logged.last?.distance)
      let state = try Data(contentsOf: URL(fileURLWithPath: run.checkpointPath(step: 12) + "/state.json"))
      let root = try #require(JSONSerialization.jsonObject(with: state) as? [String: Any])
      #expect(abs(number((root["schedule"] as? [String: Any])?["best"]) + (best.distance ?? .nan)) < 1e-12)
      // The run's own measure, unless another is given.
      for options in [[], ["--keep-best", "distance"]] {
        let pruned = try await convoy(["checkpoint", "prune", run.directory, "--keep-last", "1"] + options)
        #expect(pruned.succeeded && pruned.output == "nothing to remove\n", "\(pruned)")
      }
      let wrong = try await convoy(["checkpoint", "prune", run.directory, "--keep-best", "top2"])
      #expect(wrong.exitCode == 64 && wrong.errors.contains("top2"), "\(wrong)")
      let other = try await convoy(["checkpoint", "prune", run.directory, "--keep-last", "1", "--keep-best", "none"])
      #expect(other.succeeded && other.output == "removed steps \(best.step)\n", "\(other)")
    }

    /// Losses without probabilities show scores; those with classes in no order have no position and no distance.
    @Test(arguments: ["perceptron", "hinge"]) func scoresAreNoProbabilities(_ loss: String) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["loss.name=\(loss)"])
      try await run.finish()
      #expect(try run.metrics().allSatisfy { $0.distance == nil })
      let picture = fixture.newPath(".png")
      let drawn = try await convoy(["data", "sample", fixture.train, "--index", "0", "--output", picture])
      try #require(drawn.succeeded, "\(drawn)")
      let told = try await convoy(["predict", "--checkpoint", run.directory, "--json", picture])
      let row = try #require((try told.json() as? [[String: Any]])?.first)
      let guesses = try #require(row["guesses"] as? [[String: Any]])
      let scores = guesses.map { number($0["logit"]) }
      #expect(row["position"] == nil && guesses.allSatisfy { $0["probability"] == nil }, "\(told)")
      #expect(scores.count == 5 && scores == scores.sorted(by: >), "\(told)")
      let table = try await convoy(["predict", "--checkpoint", run.directory, picture])
      #expect(table.succeeded && !table.output.contains("%") && !table.output.contains("position"), "\(table)")
    }
  }
}
