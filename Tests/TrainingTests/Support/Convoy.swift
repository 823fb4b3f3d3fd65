import Foundation
import Metrics
import TestSupport
import Testing

/// Runs the real `convoy` to its end: on `ranks` ranks by mpirun, or alone without it.
func convoy(
  _ arguments: [String], ranks: Int? = nil, environment: [String: String?] = [:], timeout: Duration = .seconds(60),
  whileRunning: @Sendable (Int32) async throws -> Void = { _ in }
) async throws -> ProgramRun {
  let program = try buildProduct(named: "convoy")
  guard let ranks else {
    return try await run(
      program, arguments, environment: environment, timeout: timeout, whileRunning: whileRunning)
  }
  return try await mpirun(
    ranks: ranks, executable: program, arguments: arguments, environment: environment, timeout: timeout,
    whileRunning: whileRunning)
}

extension ProgramRun {
  /// The status on the last line.
  func lastStatus() throws -> RunStatus {
    let line = try #require(output.split(separator: "\n").last, "\(self)")
    return try JSONDecoder().decode(RunStatus.self, from: Data(line.utf8))
  }

  /// The output as JSON.
  func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output.utf8)) }

  /// The sentences of ranks, without what mpirun says around them.
  var sentences: [String] {
    errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("error: ") || $0.contains(": error: ") }
  }
}

/// Expects a program to have ended by itself with `code` and one clear sentence that holds all `phrases`.
///
/// Several ranks may say the same; none shows a stack trace.
func expectRefusal(
  _ run: ProgramRun, _ code: Int, _ phrases: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(!run.timedOut, "\(run)", sourceLocation: sourceLocation)
  #expect(run.exitCode == code, "\(run)", sourceLocation: sourceLocation)
  let sentence = run.sentences.first { sentence in phrases.allSatisfy { sentence.contains($0) } }
  #expect(sentence != nil, "None says \(phrases): \(run)", sourceLocation: sourceLocation)
  #expect(
    sentence?.hasSuffix("…") == false && (sentence?.utf8.count ?? 0) < 1500, "\(run)", sourceLocation: sourceLocation)
  for trace in ["Fatal error", "runtime failure", "Backtrac", "NSError", "Domain=", "Segmentation"] {
    #expect(!run.errors.contains(trace), "\(run)", sourceLocation: sourceLocation)
  }
  // A program without mpirun says that sentence and nothing else.
  if run.sentences.count == 1, run.errors.hasPrefix("error: ") {
    #expect(run.errors.split(separator: "\n").count == 1, "\(run)", sourceLocation: sourceLocation)
  }
}
