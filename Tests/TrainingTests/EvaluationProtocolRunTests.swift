import Foundation
import Metrics
import Shards
import TestSupport
import Testing
import Training

extension EndToEnd {
  @Suite("Evaluation by other protocols") struct EvaluationProtocolRunTests {
    private func evaluate(
      _ run: TrainingRun, _ options: [String], ranks: Int? = nil, data: String? = nil
    ) async throws -> EvaluationResult {
      let line = ["eval", "--checkpoint", run.directory, "--data", try data ?? Fixture.shared().validation, "--json"]
      let evaluated = try await convoy(line + options, ranks: ranks)
      try #require(evaluated.succeeded, "\(evaluated)")
      return try JSONDecoder().decode(EvaluationResult.self, from: Data(evaluated.output.utf8))
    }

    /// Networks of 8 and 12 pixels on images of 16; dense layers, convolutions, batch norm.
    @Test(arguments: [Net.mlp, .resnet20], ["tenCrop", "multiCrop", "googlenet144", "dense"])
    func areTheSameForEveryone(_ net: Net, _ name: String) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(
        net,
        ["train.steps=4", "evaluation.everySteps=4", "evaluation.protocol=\(name)"]
          + (net == .mlp ? ["model.inputSize=12"] : []))
      try await run.finish(ranks: 2)
      let logged = try #require(try run.metrics().last { $0.kind == .evaluation })
      for (ranks, batch) in [(nil, nil), (1, 64), (2, 7), (3, 1), (3, 200)] as [(Int?, Int?)] {
        let result = try await evaluate(run, batch.map { ["--batch", "\($0)"] } ?? [], ranks: ranks)
        #expect(result.samples == 50)
        #expect(
          result.top1 == logged.top1 && result.top5 == logged.top5 && result.loss == logged.loss,
          "\(ranks ?? 0) ranks, batch \(batch ?? 0): \(result)")
      }
      let centre = try await evaluate(run, ["--protocol", "center"])
      #expect(centre.loss != logged.loss)
    }

    /// Files of many sizes: each has its own plan.
    @Test func filesOfManySizes() async throws {
      let fixture = try Fixture.shared()
      let tree = fixture.newPath()
      let shards = fixture.newPath()
      for label in 0..<3 {
        try FileManager.default.createDirectory(atPath: "\(tree)/class\(label)", withIntermediateDirectories: true)
        for number in 0..<5 {
          let (width, height) = (20 + 3 * number, 20 + 2 * label)
          let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* (7 + number) / 5 + label * 60) }
          let png = try RGBImage(width: width, height: height, pixels: pixels).pngBytes()
          try Data(png).write(to: URL(fileURLWithPath: "\(tree)/class\(label)/\(number).png"))
        }
      }
      let built = try await convoy(["data", "build", "--input", tree, "--output", shards, "--quiet"])
      try #require(built.succeeded, "\(built)")
      let run = try fixture.newRun(.mlp, ["model.inputSize=12"])
      try await run.finish()
      for options in [["--protocol", "dense", "--scales", "14,12,17"], ["--protocol", "multiCrop", "--scales", "13"]] {
        let expected = try await evaluate(run, options, data: shards)
        #expect(expected.samples == 15 && expected.loss.isFinite)
        for (ranks, batch) in [(2, 1), (3, 40)] {
          let again = try await evaluate(run, options + ["--batch", "\(batch)"], ranks: ranks, data: shards)
          #expect(again == expected)
        }
      }
    }

    /// Crops cut by hand, shown one by one to `convoy predict`, and averaged by hand.
    @Test func areTheMeanOfTheirCrops() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["model.inputSize=12", "train.steps=20"])
      try await run.finish()
      let set = try ShardSet(folder: fixture.validation)
      let samples = [0, 17]
      // Margins of 4: places 0 and 4, the middle 2; a grid of five has 0, 1, 2, 3, 4, and so has the sliding network.
      let corners = [(0, 0), (4, 0), (0, 4), (4, 4), (2, 2)].map { (left: $0.0, top: $0.1) }
      let grid = (0..<5).flatMap { top in (0..<5).map { (left: $0, top: top) } }
      for (name, option, places) in [("tenCrop", "--resize", corners), ("multiCrop", "--scales", grid)] {
        let rows = try await predictions(run, ["--protocol", name, option, "16"])
        for sample in samples {
          let views = try await views(run, set, sample, places)
          let probabilities = mean(views.map(softmax))
          try expect(rows[sample], probabilities, label: set.label(of: sample), tolerance: 1e-9)
        }
      }
      let rows = try await predictions(run, ["--protocol", "dense", "--scales", "16"])
      for sample in samples {
        let views = try await views(run, set, sample, grid)
        let sides = [views[..<25], views[25...]].map { softmax(mean(Array($0))) }
        try expect(rows[sample], mean(sides), label: set.label(of: sample), tolerance: 1e-5)
      }
    }

    /// The last pooling at every offset: of windows that lie two pixels apart the greatest score of each class.
    @Test func overfeatTakesTheGreatestOfAllOffsets() async throws {
      let fixture = try Fixture.shared()
      let shards = fixture.newPath()
      let made = try await convoy([
        "data", "synth", "--kind", "shapes", "--size", "20", "--count", "6", "--output", shards, "--quiet",
      ])
      try #require(made.succeeded, "\(made)")
      let run = try fixture.newRun(.lenet5, ["model.name=lenet-caffe", "train.steps=20"])
      try await run.finish()
      let rows = try await predictions(run, ["--protocol", "overfeat", "--scales", "20"], data: shards)
      let dense = try await predictions(run, ["--protocol", "dense", "--scales", "20"], data: shards)
      #expect(rows.count == 6 && rows != dense)
      let set = try ShardSet(folder: shards)
      let places = [0, 2, 4].flatMap { top in [0, 2, 4].map { (left: $0, top: top) } }
      for sample in [0, 5] {
        let views = try await views(run, set, sample, places, side: 16)
        let sides = [views[..<9], views[9...]].map { side in
          softmax((0..<10).map { k in side.map { $0[k] }.max() ?? 0 })
        }
        try expect(rows[sample], mean(sides), label: set.label(of: sample), tolerance: 1e-5)
      }
      let scales = ["--protocol", "overfeat", "--scales", "20,16"]
      let both = try await predictions(run, scales, data: shards)
      #expect(both != rows)
      for (ranks, batch) in [(1, 64), (2, 1), (3, 5)] {
        #expect(try await predictions(run, scales + ["--batch", "\(batch)"], data: shards, ranks: ranks) == both)
      }
    }

    /// The logits of the square crops at `places`, then of their mirror images.
    private func views(
      _ run: TrainingRun, _ set: ShardSet, _ sample: Int, _ places: [(left: Int, top: Int)], side: Int = 12
    ) async throws -> [[Double]] {
      let fixture = try Fixture.shared()
      var bytes: [UInt8] = []
      try set.read(sample, into: &bytes)
      // Of stored squares.
      let width = Int((Double(bytes.count) / 3).squareRoot())
      var files: [String] = []
      for mirrors in [false, true] {
        for place in places {
          var pixels: [UInt8] = []
          for y in place.top..<place.top + side {
            for x in 0..<side {
              let start = (y * width + place.left + (mirrors ? side - 1 - x : x)) * 3
              pixels += bytes[start..<start + 3]
            }
          }
          let path = fixture.newPath(".png")
          try Data(RGBImage(width: side, height: side, pixels: pixels).pngBytes()).write(to: URL(fileURLWithPath: path))
          files.append(path)
        }
      }
      let told = try await convoy(["predict", "--checkpoint", run.directory, "--top", "10", "--json"] + files)
      return try #require(try told.json() as? [[String: Any]]).map { row in
        var logits = [Double](repeating: 0, count: 10)
        for guess in try #require(row["guesses"] as? [[String: Any]]) {
          let index = try #require(guess["classIndex"] as? Int)
          // Read as single precision: what the network computed.
          logits[index] = Double(try #require(guess["logit"] as? NSNumber).floatValue)
        }
        return logits
      }
    }

    private func softmax(_ logits: [Double]) -> [Double] {
      let sum = logits.reduce(0) { $0 + exp($1) }
      return logits.map { exp($0) / sum }
    }

    private func mean(_ vectors: [[Double]]) -> [Double] {
      vectors[0].indices.map { k in vectors.reduce(0) { $0 + $1[k] } / Double(vectors.count) }
    }

    private func expect(_ row: [String], _ probabilities: [Double], label: Int, tolerance: Double) throws {
      let predicted = try #require(probabilities.indices.max { probabilities[$0] < probabilities[$1] })
      #expect(Int(row[2]) == label && Int(row[4]) == predicted)
      let found = try #require(Double(row[6]))
      #expect(abs(found - probabilities[predicted]) < tolerance)
      #expect(Int(row[7]) == 1 + probabilities.count { $0 > probabilities[label] })
      let loss = try #require(Double(row[8]))
      #expect(abs(loss + log(probabilities[label])) < 10 * tolerance)
      let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }.prefix(5)
      #expect(row[9] == order.map(String.init).joined(separator: " "))
    }

    /// The cells of each line of `--predictions`, without the header.
    private func predictions(
      _ run: TrainingRun, _ options: [String], data: String? = nil, ranks: Int? = nil
    ) async throws -> [[String]] {
      let file = try Fixture.shared().newPath(".csv")
      _ = try await evaluate(run, options + ["--predictions", file], ranks: ranks, data: data)
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      return lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    @Test(arguments: ["center", "tenCrop"]) func predictionsAndConfusionsAreWritten(_ name: String) async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.mlp, ["model.inputSize=12"])
      try await run.finish()
      let set = try ShardSet(folder: fixture.validation)
      let options = ["--protocol", name]
      let result = try await evaluate(run, options)
      let rows = try await predictions(run, options)
      #expect(rows.count == 50)
      for (index, row) in rows.enumerated() {
        #expect(row.count == 10 && row[0] == "\(index)" && row[1] == "\(set.sampleID(of: index))")
        #expect(row[2] == "\(set.label(of: index))" && row[3] == set.classes[set.label(of: index)].name)
        #expect((row[2] == row[4]) == (row[7] == "1"))
        #expect(row[9].hasPrefix(row[4] + " "))
        let probability = try #require(Double(row[6]))
        #expect(probability >= 0.1 && probability <= 1)
        // The loss of a right prediction is that of its probability, up to single precision.
        if row[7] == "1" { #expect(abs((Double(row[8]) ?? 0) + log(probability)) < 1e-5) }
      }
      #expect(rows.reduce(0) { $0 + (Double($1[8]) ?? 0) } / 50 == result.loss)
      #expect(Double(rows.count { $0[7] == "1" }) * 2 == result.top1)
      #expect(Double(rows.count { (Int($0[7]) ?? 0) <= 5 }) * 2 == result.top5)
      for ranks in [2, 3] { #expect(try await predictions(run, options + ["--batch", "3"], ranks: ranks) == rows) }

      let path = fixture.newPath()
      _ = try await evaluate(run, options + ["--confusion", path], ranks: 2)
      let table = try String(contentsOfFile: path + ".csv", encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: ",").map(String.init) }
      #expect(table.count == 11 && table[0] == ["label"] + set.classes.map(\.name))
      for (label, line) in table.dropFirst().enumerated() {
        #expect(line[0] == set.classes[label].name)
        for predicted in 0..<10 {
          let count = rows.count { $0[2] == "\(label)" && $0[4] == "\(predicted)" }
          #expect(line[predicted + 1] == "\(count)")
        }
      }
      let picture = try Data(contentsOf: URL(fileURLWithPath: path + ".png"))
      let image = try picture.withUnsafeBytes { try RGBImage(decoding: $0, named: path) }
      #expect(image.width >= 360 && image.height >= 360)
      let alone = fixture.newPath(".PNG")
      _ = try await evaluate(run, options + ["--confusion", alone])
      #expect(try Data(contentsOf: URL(fileURLWithPath: alone)) == picture)
      #expect(!FileManager.default.fileExists(atPath: alone + ".csv"))
    }

    @Test func whatCannotBeIsRefused() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(.lenet5)
      for (changes, phrase) in [
        (["evaluation.protocol=tenCrop"], "has images of 16 × 16; build larger shards"),
        (["evaluation.protocol=dense"], "takes images of at least 18 pixels"),
        (["evaluation.protocol=multiCrop", "evaluation.scales=[12,32]"], "evaluation.scales 12: multiCrop cuts crops"),
        (["evaluation.scales=[32]"], "evaluation.scales is for multiCrop"),
        (["evaluation.protocol=tencrop"], "did you mean tenCrop?"),
      ] {
        expectRefusal(try await run.train(changes, ranks: 2), 78, phrase)
        expectRefusal(try await run.train(changes, options: ["--dry-run"]), 78, phrase)
      }
      try await run.finish()
      let line = ["eval", "--checkpoint", run.directory, "--data", fixture.validation]
      for (options, code, phrase) in [
        (["--protocol", "dense"], 78, "takes images of at least 18 pixels"),
        (["--protocol", "dense", "--scales", "15"], 78, "at a scale of 15 is not possible"),
        (["--resize", "15"], 78, "evaluation.resize 15"),
        (["--scales", "20"], 78, "evaluation.scales is for"),
        (["--protocol", "googlenet144", "--scales", "20,21"], 78, "need 4"),
        (["--protocol", "multiCrop", "--resize", "20"], 78, "evaluation.resize is for center and tenCrop"),
        (["--predictions", fixture.newPath() + "/a.csv"], 73, "it does not exist"),
        (["--predictions", fixture.train], 73, "it is a folder"),
        (["--confusion", fixture.newPath() + "/a"], 73, "it does not exist"),
        (["--confusion", fixture.train], 73, "it is a folder"), (["--confusion", "/"], 73, "it is a folder"),
      ] {
        expectRefusal(try await convoy(line + options, ranks: 2), code, phrase)
      }
      for options in [["--scales", "20,x"], ["--scales", "0"], ["--protocol", "tencrop"], ["--resize", "0"]] {
        let refused = try await convoy(line + options)
        #expect(refused.exitCode == 64, "\(refused)")
      }
    }
  }
}
