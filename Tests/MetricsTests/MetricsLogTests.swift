import Foundation
import Metrics
import Testing

@Suite struct MetricsLogTests {
  private func record(_ step: Int) -> MetricsRecord {
    var record = MetricsRecord(.train, step: step)
    record.loss = Double(step) / 10
    record.time = "t"
    return record
  }

  private func line(_ step: Int) -> String {
    #"{"kind": "train", "step": \#(step), "loss": \#(Double(step) / 10), "time": "t"}"# + "\n"
  }

  @Test func everyMemberIsWrittenInOrderAndReadBack() throws {
    var record = MetricsRecord(.evaluation, step: 12)
    record.epoch = 0.5
    record.loss = 0.1 + 0.2
    record.top1 = 91.25
    record.top5 = 99.5
    record.distance = 1.25
    record.learningRate = 1e-5
    record.imagesPerSecond = 812
    record.dataWaitShare = 0.02
    record.communicationShare = 0.09
    record.secondsElapsed = 3.5
    record.weightsHash = "00ff"
    record.checkpoint = "checkpoints/step-000000012"
    record.event = "a"
    record.message = "tab\t \"quoted\" back\\slash\nü\u{1}"
    record.time = "2015-12-10T08:00:00Z"
    #expect(
      record.line
        == #"{"kind": "evaluation", "step": 12, "epoch": 0.5, "loss": 0.30000000000000004, "top1": 91.25, "#
        + #""top5": 99.5, "distance": 1.25, "lr": 1e-05, "imagesPerSecond": 812.0, "dataWaitShare": 0.02, "#
        + #""communicationShare": 0.09, "secondsElapsed": 3.5, "weightsHash": "00ff", "#
        + #""checkpoint": "checkpoints/step-000000012", "event": "a", "#
        + #""message": "tab\t \"quoted\" back\\slash\nü\u0001", "time": "2015-12-10T08:00:00Z"}"#)
    #expect(try JSONDecoder().decode(MetricsRecord.self, from: Data(record.line.utf8)) == record)
  }

  @Test func whatIsNoNumberIsLeftOut() throws {
    var record = MetricsRecord(.train, step: 1)
    record.loss = .nan
    record.imagesPerSecond = .infinity
    let json = try JSONDecoder().decode(MetricsRecord.self, from: Data(record.line.utf8))
    #expect(json == MetricsRecord(.train, step: 1))
  }

  @Test func linesAreAppendedWithTheTimeOfDay() throws {
    try withFolder { folder in
      let path = folder + "/metrics.jsonl"
      var log = try MetricsLog(path: path)
      try log.append(record(1))
      #expect(try text(of: path) == line(1), "a line is there at once")
      try log.append(MetricsRecord(.checkpoint, step: 2))
      let last = try #require(try text(of: path).split(separator: "\n").last)
      let time = try #require(try JSONDecoder().decode(MetricsRecord.self, from: Data(last.utf8)).time)
      #expect(abs(try Date(time, strategy: .iso8601).timeIntervalSinceNow) < 3600)
    }
  }

  struct Tail: Sendable {
    let torn: String
    let kept: [Int]
    let message: String
  }

  /// A log of steps 10, 20 and 30 with `torn` at its end, reopened at step 20.
  @Test(arguments: [
    Tail(torn: "", kept: [10, 20], message: "resumed at step 20; 1 line of later steps cut off"),
    Tail(
      torn: #"{"kind": "train", "st"#, kept: [10, 20],
      message: "resumed at step 20; 1 line of later steps cut off; a torn line cut off"),
    Tail(
      torn: "\0\0\0\0\n\0", kept: [10, 20],
      message: "resumed at step 20; 1 line of later steps cut off; a torn line cut off"),
    Tail(
      torn: #"{"kind": "train", "step": 7}"#, kept: [10, 20],
      message: "resumed at step 20; 1 line of later steps cut off; a torn line cut off"),
    Tail(
      torn: #"{"kind": "train", "step": 31}"# + "\n" + String(repeating: "x", count: 100_000), kept: [10, 20],
      message: "resumed at step 20; 2 lines of later steps cut off; a torn line cut off"),
  ])
  func aResumeCutsOffTornAndLaterLines(_ tail: Tail) throws {
    try withFolder { folder in
      let path = folder + "/metrics.jsonl"
      try ([10, 20, 30].map(line).joined() + tail.torn).write(toFile: path, atomically: true, encoding: .utf8)
      var log = try MetricsLog(path: path, atStep: 20)
      try log.append(record(21))
      let lines = try text(of: path).split(separator: "\n").map {
        try JSONDecoder().decode(MetricsRecord.self, from: Data($0.utf8))
      }
      #expect(lines.map(\.step) == tail.kept + [20, 21])
      #expect(lines.dropLast().last?.event == "resume")
      #expect(lines.dropLast().last?.message == tail.message)
    }
  }

  @Test(arguments: [0, 5, 1 << 14, (1 << 14) + 1, 40_000])
  func aTornLineOfAnyLengthIsCutOff(_ length: Int) throws {
    try withFolder { folder in
      let path = folder + "/metrics.jsonl"
      try (line(1) + String(repeating: "{", count: length)).write(toFile: path, atomically: true, encoding: .utf8)
      let log = try MetricsLog(path: path, atStep: 1)
      try log.synchronize()
      #expect(try text(of: path).hasPrefix(line(1) + #"{"kind": "event", "step": 1, "event": "resume""#))
    }
  }

  /// Found before later lines and a torn one, which stay.
  @Test func knowsTheLastEvaluation() throws {
    try withFolder { folder in
      let path = folder + "/metrics.jsonl"
      #expect(try MetricsLog.lastEvaluation(in: path, until: 9) == nil)
      let evaluation = { (step: Int) in #"{"kind": "evaluation", "step": \#(step), "loss": \#(step).5}"# + "\n" }
      let written = evaluation(2) + line(3) + evaluation(4) + line(5) + line(6) + evaluation(6) + #"{"kind": "evaluat"#
      try written.write(toFile: path, atomically: true, encoding: .utf8)
      for (step, found) in [(1, nil), (2, 2), (3, 2), (5, 4), (6, 6), (9, 6)] as [(Int, Int?)] {
        let record = try MetricsLog.lastEvaluation(in: path, until: step)
        #expect(record?.step == found && record?.loss == found.map { Double($0) + 0.5 })
      }
      #expect(try text(of: path) == written)
    }
  }

  @Test func aNewRunInAnOldFolderBeginsAgain() throws {
    try withFolder { folder in
      let path = folder + "/metrics.jsonl"
      try (line(1) + line(2)).write(toFile: path, atomically: true, encoding: .utf8)
      let log = try MetricsLog(path: path)
      try log.synchronize()
      let lines = try text(of: path).split(separator: "\n")
      #expect(lines.count == 1 && lines[0].contains("2 lines of later steps cut off"))
    }
  }

  @Test func aFullDiskIsAnErrorThatNamesTheFile() throws {
    // The kernel's own full disk.
    var log = try MetricsLog(path: "/dev/full")
    let error = #expect(throws: MetricsError.self) { try log.append(record(1)) }
    #expect(error?.description == "cannot write /dev/full: No space left on device")
    #expect(error?.kind == .inputOutput)
  }
}
