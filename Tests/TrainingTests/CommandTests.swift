import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Commands") struct CommandTests {
    @Test func modelsAreListed() async throws {
      let listed = try await convoy(["models", "--json"])
      let rows = try #require(try listed.json() as? [[String: Any]])
      let parameters = Dictionary(uniqueKeysWithValues: rows.map { ($0["name"] as? String, $0["parameters"] as? Int) })
      // Counts that the papers and reference implementations give.
      #expect(parameters["lenet5"] == 61_706 && parameters["lenet-caffe"] == 431_080)
      #expect(parameters["resnet18"] == 11_689_512)
      for depth in [20, 32, 44, 56, 110] {
        #expect(parameters["resnet\(depth)"] == parameters["plain\(depth)"] && parameters["plain\(depth)"] != nil)
      }
      let table = try await convoy(["models"])
      #expect(table.succeeded && rows.allSatisfy { table.output.contains($0["name"] as? String ?? "?") }, "\(table)")
    }

    @Test func aPlanCountsEverything() async throws {
      let planned = try await convoy(["plan", "lenet5", "--json"])
      let plan = try #require(try planned.json() as? [String: Any])
      let layers = try #require(plan["layers"] as? [[String: Any]])
      #expect(plan["parameters"] as? Int == 61_706)
      #expect(layers.compactMap { $0["parameters"] as? Int }.reduce(0, +) == 61_706)
      #expect(layers.compactMap { $0["macs"] as? Int }.reduce(0, +) == plan["macs"] as? Int)
      // 28·28·6·25 + 10·10·16·150 + 400·120 + 120·84 + 84·10
      #expect(plan["macs"] as? Int == 416_520)
      // What papers count apart: codes that are not trained, and heads that only training has.
      for (model, parameters, main, fixed, text) in [
        ("lenet5-1998", 60_000, 60_000, 840, "60,000 parameters and 840 fixed values"),
        ("googlenet", 13_378_280, 6_998_552, 0, "13,378,280 parameters (6,998,552 without auxiliary heads)"),
        ("googlenet-bn", 13_004_888, 6_624_904, 0, "13,004,888 parameters (6,624,904 without auxiliary heads)"),
      ] {
        let plan = try #require(try await convoy(["plan", model, "--json"]).json() as? [String: Any])
        #expect(plan["parameters"] as? Int == parameters && plan["mainParameters"] as? Int == main)
        #expect(plan["fixedValues"] as? Int == fixed)
        #expect(try await convoy(["plan", model]).output.contains("\(model): \(text), "))
      }
      let wide = try await convoy(["plan", "mlp", "--widths", "20,30", "--classes", "7", "--input-size", "4", "--json"])
      #expect((try wide.json() as? [String: Any])?["parameters"] as? Int == 16 * 20 + 20 + 20 * 30 + 30 + 30 * 7 + 7)
      let table = try await convoy(["plan", "resnet20", "--batch", "8"])
      #expect(table.succeeded && table.output.contains("microbatches of 8"), "\(table)")
    }

    @Test func aStepIsTimed() async throws {
      let timed = try await convoy([
        "bench", "step", "--model", "lenet5", "--batch", "4", "--threads", "2", "--steps", "2", "--json",
      ])
      let report = try #require(try timed.json() as? [String: Any])
      for key in ["images_per_second", "gflops", "peak_fraction", "rss_bytes"] {
        #expect((report[key] as? NSNumber)?.doubleValue ?? 0 > 0, "\(timed)")
      }
      #expect(report["threads"] as? Int == 2 && report["batch"] as? Int == 4)
    }

    @Test func theEnvironmentIsJSON() async throws {
      let told = try await convoy(["env"])
      #expect(try told.json() is [String: Any], "\(told)")
    }

    /// From JPEG files to guesses.
    @Test func imagesBecomeGuesses() async throws {
      let fixture = try Fixture.shared()
      let tree = fixture.newPath()
      let shards = fixture.newPath()
      for line in [
        ["synth", "--count", "60", "--size", "20", "--tree", "--output", tree],
        ["build", "--input", tree, "--output", shards, "--shard-size", "20KB"],
      ] {
        let made = try await convoy(["data"] + line + ["--quiet"])
        try #require(made.succeeded, "\(made)")
      }
      let run = try fixture.newRun(.lenet5, ["data.train=\(shards)", "data.validation=\(shards)"])
      try await run.finish(ranks: 2)
      let classes = try FileManager.default.contentsOfDirectory(atPath: tree).sorted()
      let images = try classes.prefix(2).map { name in
        "\(tree)/\(name)/"
          + (try #require(FileManager.default.contentsOfDirectory(atPath: "\(tree)/\(name)").sorted().first))
      }
      let told = try await convoy(["predict", "--checkpoint", run.directory, "--json"] + images)
      let rows = try #require(try told.json() as? [[String: Any]])
      #expect(rows.compactMap { $0["image"] as? String } == images)
      for row in rows {
        let guesses = try #require(row["guesses"] as? [[String: Any]])
        let names = guesses.compactMap { $0["className"] as? String }
        let probabilities = guesses.compactMap { ($0["probability"] as? NSNumber)?.doubleValue }
        #expect(names.count == 5 && Set(names).count == 5 && Set(names).isSubset(of: classes), "\(told)")
        #expect(probabilities == probabilities.sorted(by: >) && probabilities.reduce(0, +) <= 1)
      }
      let table = try await convoy(["predict", "--checkpoint", run.directory, "--top", "3", images[0]])
      #expect(table.succeeded && table.output.split(separator: "\n").count == 4, "\(table)")
      expectRefusal(
        try await convoy(["predict", "--checkpoint", run.directory, tree + "/none.jpg"]), 66, tree + "/none.jpg")
      expectRefusal(try await convoy(["predict", "--checkpoint", run.directory, tree]), 66, tree)
      let text = try fixture.newFile("no image")
      expectRefusal(try await convoy(["predict", "--checkpoint", run.directory, images[0], text]), 65, text)
    }

    @Test func shardsAreLookedInto() async throws {
      let fixture = try Fixture.shared()
      let inspected = try await convoy(["data", "inspect", fixture.train, "--json"])
      #expect(inspected.succeeded && inspected.output.contains("160"), "\(inspected)")
      #expect(try inspected.json() is [String: Any])
      let verified = try await convoy(["data", "verify", fixture.train, "--json"])
      #expect(verified.succeeded, "\(verified)")
      let picture = fixture.newPath(".png")
      let drawn = try await convoy(
        ["data", "sample", fixture.train, "--index", "7", "--epoch", "2", "--preset", "cifar", "--output", picture])
      #expect(drawn.succeeded && drawn.output.contains("sample 7"), "\(drawn)")
      #expect(FileManager.default.contents(atPath: picture)?.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
      expectRefusal(try await convoy(["data", "sample", fixture.train, "--index", "160"]), 64, "samples 0 to 159")
      let nowhere = fixture.newPath() + "/a.png"
      expectRefusal(
        try await convoy(["data", "sample", fixture.train, "--index", "0", "--output", nowhere]), 73, nowhere)
    }

    @Test func checkpointsAreLookedAfter() async throws {
      let fixture = try Fixture.shared()
      let run = try fixture.newRun(
        .mlp, ["checkpoint.everySteps=1", "checkpoint.keepLast=9", "evaluation.everySteps=1"])
      try await run.finish()
      let listed = try await convoy(["checkpoint", "list", run.directory, "--json"])
      let rows = try #require(try listed.json() as? [[String: Any]])
      #expect(rows.compactMap { $0["step"] as? Int } == [1, 2, 3, 4, 5, 6])
      #expect(try run.status().weightsHash == rows.last?["weightsHash"] as? String)
      let newest = run.checkpointPath(step: 6)
      let inspected = try await convoy(["checkpoint", "inspect", newest, "--json"])
      let report = try #require(try inspected.json() as? [String: Any])
      #expect((report["state"] as? [String: Any])?["step"] as? Int == 6)
      #expect((report["model"] as? [Any])?.count == 4)
      let text = try await convoy(["checkpoint", "inspect", newest])
      #expect(text.succeeded && text.output.contains("fc1.weight"), "\(text)")

      let same = try await convoy(["checkpoint", "diff", newest, newest])
      #expect(same.succeeded && same.output == "equal\n", "\(same)")
      let differ = try await convoy(["checkpoint", "diff", run.checkpointPath(step: 5), newest])
      #expect(differ.exitCode == 1 && differ.output.contains("model: fc1.weight differs in"), "\(differ)")

      let best = rows.max { top1($0) < top1($1) }.map(top1) ?? 0
      let pruned = try await convoy(["checkpoint", "prune", run.directory, "--keep-last", "2"])
      #expect(pruned.succeeded && pruned.output.hasPrefix("removed steps"), "\(pruned)")
      let kept = try run.checkpoints()
      #expect(Set([5, 6]).isSubset(of: kept) && kept.count <= 3)
      #expect(rows.contains { kept.contains($0["step"] as? Int ?? 0) && top1($0) == best })
      let again = try await convoy(["checkpoint", "prune", run.directory, "--keep-last", "1", "--keep-best", "none"])
      #expect(again.succeeded, "\(again)")
      #expect(try run.checkpoints() == [6])
    }

    private func top1(_ row: [String: Any]) -> Double {
      ((row["metrics"] as? [String: Any])?["top1"] as? NSNumber)?.doubleValue ?? -1
    }

    static let help: [(command: String, words: [String])] = [
      ("", ["train", "eval", "predict", "data", "plan", "models", "checkpoint", "bench", "env", "75 stopped"]),
      ("train", ["--run-dir", "--resume", "--max-time", "--dry-run", "overrides"]),
      (
        "eval",
        [
          "--checkpoint", "--data", "--protocol", "--resize", "--scales", "--batch", "--predictions", "--confusion",
          "--threads", "--json", "googlenet144",
        ]
      ),
      ("predict", ["--checkpoint", "--top", "--json", "images"]),
      ("data", ["build", "synth", "inspect", "verify", "sample"]),
      (
        "data build",
        ["--input", "--labels", "--output", "--split", "--encode", "--shard-size", "--skip-bad", "--overwrite"]
      ),
      ("data synth", ["--kind", "--count", "--size", "--seed", "--output", "--split", "--tree", "--overwrite"]),
      ("data inspect", ["path", "--json"]),
      ("data verify", ["path", "--decode", "--json", "--threads"]),
      ("data sample", ["--index", "--epoch", "--seed", "--preset", "--input-size", "--output"]),
      ("plan", ["model", "--batch", "--classes", "--widths", "--convolution", "--loss", "--schedule", "--json"]),
      ("models", ["--json"]),
      ("checkpoint", ["list", "inspect", "verify", "diff", "prune"]),
      ("checkpoint prune", ["--keep-last", "--keep-best"]),
      (
        "bench step",
        ["--model", "--batch", "--threads", "--steps", "--convolution", "--mode", "--profile", "--trace", "--json"]
      ), ("env", ["--json"]),
    ]

    @Test(arguments: help.map(\.command)) func helpNamesEveryOption(_ command: String) async throws {
      let told = try await convoy(command.split(separator: " ").map(String.init) + ["--help"])
      #expect(told.succeeded && told.errors.isEmpty, "\(told)")
      for word in Self.help.first(where: { $0.command == command })?.words ?? [] {
        #expect(told.output.contains(word), "\(told)")
      }
    }
  }
}
