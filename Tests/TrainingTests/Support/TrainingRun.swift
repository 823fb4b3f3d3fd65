import Foundation
import Metrics
import TestSupport
import Testing

/// A configuration with its run directory, and `convoy train` on them.
struct TrainingRun: Sendable {
  let configuration: String
  let directory: String
  var overrides: [String] = []

  /// `convoy train`, run to its end whatever it is.
  func train(
    _ more: [String] = [], options: [String] = [], ranks: Int? = nil, environment: [String: String?] = [:],
    timeout: Duration = .seconds(60), whileRunning: @Sendable (Int32) async throws -> Void = { _ in }
  ) async throws -> ProgramRun {
    try await convoy(
      ["train", configuration] + overrides + more + ["--run-dir", directory] + options, ranks: ranks,
      environment: environment, timeout: timeout, whileRunning: whileRunning)
  }

  /// `convoy train` to the end of the run; the status it leaves, which its last line says too.
  @discardableResult
  func finish(
    _ more: [String] = [], options: [String] = [], ranks: Int? = nil, environment: [String: String?] = [:]
  ) async throws -> RunStatus {
    let ended = try await train(more, options: options, ranks: ranks, environment: environment)
    try #require(ended.succeeded, "\(ended)")
    let status = try status()
    var said = try ended.lastStatus()
    said.updated = status.updated
    #expect(said == status)
    #expect(status.state == .finished && status.code == 0)
    #expect(status.weightsHash?.count == 32)
    return status
  }

  /// `convoy train` that is interrupted and leaves a checkpoint where it stopped.
  @discardableResult
  func stop(
    _ more: [String] = [], options: [String] = [], ranks: Int? = nil,
    whileRunning: @Sendable (Int32) async throws -> Void = { _ in }
  ) async throws -> RunStatus {
    let ended = try await train(more, options: options, ranks: ranks, whileRunning: whileRunning)
    try #require(ended.exitCode == 75 && !ended.timedOut, "\(ended)")
    let status = try status()
    #expect(status.state == .preempted && status.code == 75)
    #expect(status.checkpoint == checkpointPath(step: status.step))
    #expect(try checkpoints().last == status.step)
    return status
  }

  func status() throws -> RunStatus { try #require(try RunDirectory(path: directory).readStatus()) }

  /// The steps of the checkpoints, rising.
  func checkpoints() throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: directory + "/checkpoints").compactMap { name in
      name.hasPrefix("step-") ? Int(name.dropFirst(5)) : nil
    }.sorted()
  }

  func checkpointPath(step: Int) -> String {
    let digits = String(step)
    return "\(directory)/checkpoints/step-" + String(repeating: "0", count: 9 - digits.count) + digits
  }

  /// The lines of metrics.jsonl.
  func metrics() throws -> [MetricsRecord] {
    try String(contentsOfFile: directory + "/metrics.jsonl", encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(MetricsRecord.self, from: Data($0.utf8))
    }
  }

  /// Returns when the running program says that it has done `step` steps; at last after 30 s.
  func waitForStep(_ step: Int) async throws {
    for _ in 0..<10000 {
      if let status = try? RunDirectory(path: directory).readStatus(), status.step >= step { return }
      try await Task.sleep(for: .milliseconds(3))
    }
  }

  /// Every file below the run directory with its bytes.
  func contents() throws -> [String: Data] {
    var files: [String: Data] = [:]
    let walk = FileManager.default.enumerator(atPath: directory)
    while let name = walk?.nextObject() as? String {
      files[name] = FileManager.default.contents(atPath: directory + "/" + name)
    }
    return files
  }
}
