import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// `convoy plan --schedule` and `convoy bench step`: what a step does, and where its time goes.
  @Suite("The schedule and the time of a step") struct StepCommandTests {
    /// A small model's measurement as JSON.
    private func measure(_ options: [String]) async throws -> [String: Any] {
      let timed = try await convoy(
        ["bench", "step", "--model", "lenet5", "--batch", "4", "--threads", "2", "--json"] + options)
      return try #require(try timed.json() as? [String: Any], "\(timed)")
    }

    /// Its schedule.
    private func schedule() async throws -> (steps: [[String: Any]], totals: [String: Any]) {
      let planned = try await convoy(["plan", "lenet5", "--batch", "4", "--schedule", "--json"])
      let report = try #require(try planned.json() as? [String: Any], "\(planned)")
      return (
        try #require(report["steps"] as? [[String: Any]]), try #require(report["totals"] as? [String: Any])
      )
    }

    @Test func aScheduleAddsUp() async throws {
      let (steps, totals) = try await schedule()
      func sum(_ key: String) -> Int { steps.compactMap { $0[key] as? Int }.reduce(0, +) }
      // Multiply-adds as in CommandTests; the first layer's backward pass is one product, the others' are two.
      #expect(sum("flops") == 2 * 4 * (3 * 416_520 - 28 * 28 * 6 * 25))
      for key in ["flops", "readBytes", "writtenBytes"] { #expect(totals[key] as? Int == sum(key)) }
      #expect(number(totals["bytesPerImage"]) == Double(sum("readBytes") + sum("writtenBytes")) / 4)
      #expect(totals["arenaBytes"] as? Int == (totals["arenaFloats"] as? Int).map { 4 * $0 })
      #expect(steps.compactMap { $0["step"] as? Int } == Array(0..<16))
      let output = try #require(steps[0]["outputFloats"] as? [Int])
      #expect(output.count == 2 && output[1] - output[0] == 4 * 16 * 28 * 28)
      #expect(
        steps[2]["operation"] as? String == "convolution 5 + relu" && steps[2]["algorithm"] as? String == "direct")
      let text = try await convoy(["plan", "resnet20", "--batch", "2", "--schedule"])
      for words in ["batch norm + add + relu", "winograd 4x4 3x3", "softmax cross entropy", "Per image: 0.2"] {
        #expect(text.succeeded && text.output.contains(words), "\(text)")
      }
      let alvinn = try await convoy(["plan", "alvinn", "--loss", "squaredError", "--schedule"])
      #expect(alvinn.output.contains("squared error") && !alvinn.output.contains("softmax"), "\(alvinn)")
      let direct = try await convoy(["plan", "resnet20", "--schedule", "--convolution", "direct"])
      #expect(direct.succeeded && !direct.output.contains("winograd"), "\(direct)")
    }

    @Test func aMeasurementIsConsistent() async throws {
      let begin = ContinuousClock.now
      let report = try await measure(["--steps", "6"])
      let elapsed = ContinuousClock.now - begin
      let order = ["minimum", "lower_quartile", "median", "upper_quartile", "maximum"].map {
        number(report["\($0)_seconds"])
      }
      #expect(order == order.sorted() && order[0] > 0, "\(report)")
      for (key, seconds) in [("best", order[0]), ("images_per_second", order[2]), ("slowest", order[4])] {
        #expect(abs(number(report[key]) * seconds / 4 - 1) < 1e-9, "\(key) of \(report)")
      }
      // The whole process took longer than its beginning; the system counts starts in ticks of 10 ms.
      let first = number(report["seconds_to_first_step"])
      #expect(first > 0 && .seconds(first) < elapsed + .milliseconds(20), "\(report)")
      let flops = number(try await schedule().totals["flops"])
      #expect(abs(number(report["gflops"]) * 1e9 * order[2] / flops - 1) < 1e-9)
      #expect(report["mode"] as? String == "training" && report["passes"] == nil && report["trace"] == nil)
    }

    @Test func evaluationIsForwardAlone() async throws {
      let report = try await measure(["--steps", "3", "--mode", "evaluation", "--profile"])
      #expect(report["mode"] as? String == "evaluation")
      #expect(abs(number(report["gflops"]) * 1e9 * number(report["median_seconds"]) / (2 * 4 * 416_520) - 1) < 1e-9)
      let passes = try #require(report["passes"] as? [[String: Any]])
      #expect(passes.count == 7 && passes.allSatisfy { $0["pass"] as? String == "forward" })
      #expect(number(report["seconds_to_first_step"]) > 0)
    }

    /// The passes of the schedule, each once, which add up to the step; and the same by kind, the longest first.
    @Test func aProfileCoversTheStep() async throws {
      let report = try await measure(["--steps", "5", "--profile"])
      let passes = try #require(report["passes"] as? [[String: Any]])
      let kinds = try #require(report["kinds"] as? [[String: Any]])
      let planned = try await schedule().steps
      for key in ["step", "pass", "layer", "operation", "algorithm", "flops"] {
        #expect(passes.map { "\($0[key] ?? "")" } == planned.map { "\($0[key] ?? "")" })
      }
      #expect(
        passes.map { $0["bytes"] as? Int }
          == planned.map { number($0["readBytes"]) + number($0["writtenBytes"]) }
          .map { Int($0) })
      for rows in [passes, kinds] {
        let seconds = rows.map { number($0["seconds"]) }
        // The mean of the steps.
        let sum = seconds.reduce(0, +)
        #expect(sum <= number(report["maximum_seconds"]) && sum >= number(report["minimum_seconds"]) / 2, "\(report)")
        #expect(abs(rows.reduce(0) { $0 + number($1["share"]) } - 1) < 1e-9)
        #expect(
          rows.contains { $0["pass"] as? String == "optimizer" } && rows.contains { $0["pass"] as? String == "loss" })
        for row in rows where number(row["flops"]) > 0 {
          #expect(abs(number(row["gflops"]) * 1e9 * number(row["seconds"]) / number(row["flops"]) - 1) < 1e-9)
        }
      }
      #expect(kinds.map { number($0["seconds"]) } == kinds.map { number($0["seconds"]) }.sorted(by: >))
      #expect(kinds.compactMap { $0["count"] as? Int }.reduce(0, +) == passes.count)
      #expect(kinds.first { $0["operation"] as? String == "max pool 2 / 2" }?["count"] as? Int == 2)
      let text = try await convoy(["bench", "step", "--model", "lenet5", "--batch", "4", "--steps", "2", "--profile"])
      for words in ["By kind", "softmax cross entropy", "momentum step", "GB/s", "the mean step", "images/s"] {
        #expect(text.succeeded && text.output.contains(words), "\(text)")
      }
    }

    /// As Chrome's trace format says: complete events of one row nest by time.
    @Test func aTraceTilesItsSteps() async throws {
      let path = try Fixture.shared().newPath(".json")
      let report = try await measure(["--steps", "3", "--trace", path])
      #expect(report["trace"] as? String == path)
      let trace = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
      let events = try #require(trace["traceEvents"] as? [[String: Any]])
      let spans = events.filter { $0["ph"] as? String == "X" }
      #expect(events.filter { $0["ph"] as? String == "M" }.count == 2 && spans.count == events.count - 2)
      #expect(Set(spans.map { "\($0["pid"] ?? "") \($0["tid"] ?? "")" }).count == 1)
      let steps = spans.filter { $0["cat"] as? String == "step" }
      #expect(steps.compactMap { $0["name"] as? String } == ["step 1", "step 2", "step 3"])
      #expect(number(steps.first?["ts"]) == 0)
      let planned = try await schedule().steps
      let rounding = 0.01  // Microseconds.
      var end = 0.0
      for (place, step) in steps.enumerated() {
        #expect(number(step["ts"]) >= end - rounding)
        end = number(step["ts"])
        // Each pass begins where the one before it ended.
        let passes = spans.filter { $0["cat"] as? String != "step" }.dropFirst(place * planned.count).prefix(
          planned.count)
        #expect(passes.count == planned.count)
        for (pass, plan) in zip(passes, planned) {
          #expect(abs(number(pass["ts"]) - end) < rounding && number(pass["dur"]) >= 0)
          end = number(pass["ts"]) + number(pass["dur"])
          #expect(
            pass["cat"] as? String == plan["pass"] as? String && pass["name"] as? String == plan["layer"] as? String)
          let arguments = try #require(pass["args"] as? [String: Any])
          #expect(arguments["operation"] as? String == plan["operation"] as? String)
          #expect(number(arguments["bytes read"]) == number(plan["readBytes"]))
          #expect((number(arguments["GFLOP/s"]) > 0) == (number(plan["flops"]) > 0))
        }
        #expect(abs(number(step["ts"]) + number(step["dur"]) - end) < rounding)
      }
    }

    /// Before anything is measured, but for what only writing shows; and what was there stays.
    @Test func tracesThatCannotBeWritten() async throws {
      let fixture = try Fixture.shared()
      func traced(_ path: String) async throws -> ProgramRun {
        try await convoy(["bench", "step", "--model", "linear", "--batch", "2", "--steps", "1", "--trace", path])
      }
      let nowhere = fixture.newPath() + "/trace.json"
      expectRefusal(try await traced(nowhere), 73, nowhere, "does not exist")
      expectRefusal(try await traced(fixture.train), 73, fixture.train, "no file")
      let link = fixture.newPath()
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
      expectRefusal(try await traced(link), 73, link)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
      let long = fixture.newPath(String(repeating: "x", count: 300))
      expectRefusal(try await traced(long), 74, "Could not write the trace to", "the name is too long")
      let file = try fixture.newFile("old")
      let replaced = try await traced(file)
      #expect(replaced.succeeded && replaced.output.contains(file), "\(replaced)")
      #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("{"))
    }

    private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? -1 }
  }
}
