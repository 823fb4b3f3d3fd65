import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// What the benchmarks count and report. Never how long something took.
  @Suite("Benchmarks") struct BenchTests {
    private func kernels(_ arguments: [String]) async throws -> [[String: Any]] {
      let timed = try await convoy(
        ["bench", "kernels", "--batch", "2", "--threads", "2", "--repetitions", "3", "--json"] + arguments)
      return try #require(try timed.json() as? [[String: Any]], "\(timed)")
    }

    private func number(_ row: [String: Any], _ key: String) throws -> Double {
      try #require((row[key] as? NSNumber)?.doubleValue, "\(key) of \(row)")
    }

    /// Passes by name, with the number of layers they stand for.
    private func counts(_ rows: [[String: Any]]) -> [String: Int] {
      rows.reduce(into: [:]) { $0[$1["pass"] as? String ?? "?", default: 0] += $1["count"] as? Int ?? 0 }
    }

    @Test func everyLayerIsTimed() async throws {
      let rows = try await kernels(["--model", "resnet20"])
      let isConvolution = { (row: [String: Any]) in row["kind"] as? String == "convolution" }
      // 19 convolutions; the first has no gradient of its source.
      #expect(counts(rows.filter(isConvolution)) == ["forward": 19, "backward-data": 18, "weight-gradient": 19])
      // 19 norms, two subsampling shortcuts, a global pool and a dense layer.
      #expect(counts(rows.filter { !isConvolution($0) }) == ["forward": 23, "backward": 23])
      for row in rows {
        let (least, median, most) = (
          try number(row, "min_seconds"), try number(row, "median_seconds"), try number(row, "max_seconds")
        )
        #expect(least > 0 && least <= median && median <= most, "\(row)")
        #expect(try number(row, "gigabytes_per_second") > 0 && number(row, "peak_gflops") > 0)
        #expect(row["images"] as? Int == 2 && row["threads"] as? Int == 2 && row["repetitions"] as? Int == 3)
        #expect(row["model"] as? String == "resnet20" && row["isa"] is String)
        guard isConvolution(row) else { continue }
        let kernel = try #require(row["kernel"] as? [Int])
        let stride = try #require(row["stride"] as? [Int])
        let padding = try #require(row["padding"] as? [Int])
        for (axis, name) in ["height", "width"].enumerated() {
          let output = (try Int(number(row, name)) + 2 * padding[axis] - kernel[axis]) / stride[axis] + 1
          #expect(row["output_" + name] as? Int == output, "\(row)")
        }
        let sizes = try ["images", "output_channels", "output_height", "output_width", "channels"].map {
          try number(row, $0)
        }
        let operations = 2 * sizes.reduce(1, *) * Double(kernel[0] * kernel[1])
        #expect(abs(try number(row, "gflops") * 1e9 * median / operations - 1) < 1e-9, "\(row)")
        #expect(try number(row, "peak_fraction") > 0)
      }
      let keys = rows.map { row in
        ["kind", "pass", "channels", "height", "width", "output_channels", "output_height"].map { "\(row[$0] ?? "")" }
      }
      #expect(Set(keys).count == keys.count, "a shape is listed twice")
    }

    @Test func passesAndAlgorithmsAreChosen() async throws {
      let forward = try await kernels(["--model", "resnet20", "lenet5", "--pass", "forward", "--algorithm", "direct"])
      #expect(Set(forward.compactMap { $0["pass"] as? String }) == ["forward"])
      #expect(Set(forward.compactMap { $0["model"] as? String }) == ["resnet20", "lenet5"])
      #expect(Set(forward.compactMap { $0["algorithm"] as? String }) == ["direct"])
      let winograd = try await kernels(["--model", "resnet20", "--algorithm", "winograd", "--convolutions-only"])
      #expect(winograd.allSatisfy { $0["kind"] as? String == "convolution" })
      // All but the first convolution (on the images) with stride 1, in all passes.
      for row in winograd where row["stride"] as? [Int] == [1, 1] && row["channels"] as? Int != 3 {
        #expect(row["algorithm"] as? String == "winograd", "\(row)")
      }
      let weights = try await kernels(["--model", "lenet5", "--pass", "weight-gradient"])
      #expect(counts(weights) == ["weight-gradient": 2])
      let none = try await kernels(["--model", "mlp", "--pass", "backward-data"])
      #expect(none.isEmpty)
    }

    @Test func kernelsMakeATable() async throws {
      let told = try await convoy([
        "bench", "kernels", "--model", "lenet5", "mlp", "--batch", "1", "--threads", "1", "--repetitions", "1",
      ])
      #expect(told.succeeded && told.errors.isEmpty, "\(told)")
      for word in [
        "lenet5, batch 1", "mlp, batch 1", "convolution 5 + 2", "1×28×28", "max pool 2 / 2", "dense", "GB/s",
      ] {
        #expect(told.output.contains(word), "\(word) is missing: \(told)")
      }
    }

    @Test func theInputPipelineIsTimed() async throws {
      let shards = try Fixture.shared().train
      let options = ["bench", "loader", "--data", shards, "--augmentation", "cifar"]
      let timed = try await convoy(options + ["--batch", "20", "--batches", "7", "--threads", "2", "--json"])
      let report = try #require(try timed.json() as? [String: Any], "\(timed)")
      #expect(report["images"] as? Int == 140 && report["batches"] as? Int == 7 && report["threads"] as? Int == 2)
      #expect(report["input_height"] as? Int == 16 && report["input_width"] as? Int == 16)
      #expect(report["encoding"] as? String == "raw" && report["augmentation"] as? String == "cifar")
      let (slowest, median, fastest) = (
        try number(report, "slowest"), try number(report, "images_per_second"), try number(report, "fastest")
      )
      #expect(slowest > 0 && slowest <= median && median <= fastest)
      // 16 × 16 pixels of three bytes.
      let bytes = try number(report, "megabytes_per_second") * number(report, "seconds") * 1e6
      #expect(abs(bytes / Double(140 * 768) - 1) < 1e-9)
      #expect(try number(report, "cpu_seconds_per_image") >= 0)
      // 160 samples make eight batches of 20.
      let epochs = try await convoy(options + ["--batch", "20", "--epochs", "2", "--input-size", "12", "--json"])
      let second = try #require(try epochs.json() as? [String: Any], "\(epochs)")
      #expect(second["batches"] as? Int == 16 && second["input_height"] as? Int == 12)
      let text = try await convoy(options + ["--batches", "1"])
      #expect(text.succeeded && text.output.contains("images/s"), "\(text)")
    }

    @Test func greyShardsStayGrey() async throws {
      let fixture = try Fixture.shared()
      let shards = fixture.newPath()
      let made = try await convoy(
        ["data", "synth", "--kind", "roads", "--quiet", "--count", "20", "--size", "16", "--output", shards])
      try #require(made.succeeded, "\(made)")
      for (data, channels) in [(shards, 1), (fixture.train, 3)] {
        for size in [[], ["--input-size", "10"]] {
          let timed = try await convoy(
            ["bench", "loader", "--data", data, "--batch", "10", "--batches", "2", "--json"] + size)
          let report = try #require(try timed.json() as? [String: Any], "\(timed)")
          #expect(report["input_channels"] as? Int == channels, "\(timed)")
        }
        let text = try await convoy(["bench", "loader", "--data", data, "--batch", "10", "--batches", "1"])
        #expect(text.output.hasPrefix("raw to \(channels)×"), "\(text)")
      }
    }

    @Test func shardsThatAreNotThereOrDamaged() async throws {
      let fixture = try Fixture.shared()
      let nowhere = fixture.newPath()
      expectRefusal(try await convoy(["bench", "loader", "--data", nowhere]), 66, nowhere)
      let copy = try fixture.copyOfShards()
      for name in try FileManager.default.contentsOfDirectory(atPath: copy) where name.hasSuffix(".h5") {
        try damage(copy + "/" + name) { bytes in
          // Images take most of a shard.
          bytes[bytes.count / 2] ^= 0x40
        }
      }
      expectRefusal(try await convoy(["bench", "loader", "--data", copy]), 65, copy, "checksum")
    }

    static let usageErrors = [
      ["kernels", "--model", "resnte20"], ["kernels", "--model"], ["kernels", "--model", "lenet5", "vgg61"],
      ["kernels", "--model", "mlp", "--batch", "0"], ["kernels", "--model", "mlp", "--batch", "16777216"],
      ["kernels", "--model", "mlp", "--threads", "0"], ["kernels", "--model", "mlp", "--repetitions", "0"],
      ["kernels", "--pass", "backwards"], ["kernels", "--pass", "backward", "--convolutions-only"],
      ["kernels", "--algorithm", "fast"], ["loader"], ["loader", "--data", "d", "--batch", "0"],
      ["loader", "--data", "d", "--threads", "0"], ["loader", "--data", "d", "--batches", "0"],
      ["loader", "--data", "d", "--epochs", "0"], ["loader", "--data", "d", "--input-size", "0"],
      ["loader", "--data", "d", "--batches", "2", "--epochs", "2"],
      ["loader", "--data", "d", "--augmentation", "much"],
    ]

    @Test(arguments: usageErrors) func usage(_ arguments: [String]) async throws {
      let refused = try await convoy(["bench"] + arguments, timeout: .seconds(20))
      #expect(refused.exitCode == 64, "\(refused)")
      #expect(refused.errors.hasPrefix("Error: ") && refused.errors.contains("Usage: convoy"), "\(refused)")
      #expect(refused.output.isEmpty && !refused.errors.contains("runtime failure"), "\(refused)")
    }

    @Test(
      arguments: [
        (
          "kernels",
          [
            "--model", "--batch", "--threads", "--pass", "--algorithm", "--repetitions", "--convolutions-only",
            "--json",
          ]
        ),
        (
          "loader",
          ["--data", "--batch", "--threads", "--augmentation", "--input-size", "--batches", "--epochs", "--json"]
        ),
      ])
    func helpNamesEveryOption(_ command: String, _ options: [String]) async throws {
      let told = try await convoy(["bench", command, "--help"])
      #expect(told.succeeded && told.errors.isEmpty, "\(told)")
      for option in options { #expect(told.output.contains(option), "\(told)") }
    }
  }
}
