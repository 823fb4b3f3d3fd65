import FoundationEssentials

/// Where a log has to be cut so that it ends with a whole line of a step that is not in the future.
struct MetricsTail {
  private(set) var keptBytes: Int
  /// Whole lines of later steps that are cut off.
  private(set) var laterLines = 0
  /// Whether there is a piece of a line, or a line that is not JSON, at the end.
  private(set) var isTorn = false

  /// Steps never fall along the file, so only the end has to be looked at.
  init(_ file: borrowing SystemFile, size: Int, step: Int) throws(MetricsError) {
    keptBytes = size
    while keptBytes > 0 {
      let start = try Self.startOfLastLine(file, end: keptBytes)
      let line = try file.read(start..<keptBytes)
      if line.last == UInt8(ascii: "\n"), let lineStep = Self.step(of: line) {
        if lineStep <= step { return }
        laterLines += 1
      } else {
        isTorn = true
      }
      keptBytes = start
    }
  }

  func sentence(_ step: Int) -> String {
    var sentence = "resumed at step \(step)"
    if laterLines > 0 { sentence += "; \(laterLines) line\(laterLines == 1 ? "" : "s") of later steps cut off" }
    if isTorn { sentence += "; a torn line cut off" }
    return sentence
  }

  private struct Line: Decodable {
    let kind: String
    let step: Int
  }

  private static func step(of line: [UInt8]) -> Int? {
    (try? JSONDecoder().decode(Line.self, from: Data(line)))?.step
  }

  /// The last evaluation of `step` or an earlier one.
  static func lastEvaluation(
    _ file: borrowing SystemFile, size: Int, step: Int
  ) throws(MetricsError) -> MetricsRecord? {
    let beginning = Array(#"{"kind": "evaluation""#.utf8)
    var end = size
    while end > 0 {
      let start = try startOfLastLine(file, end: end)
      let line = try file.read(start..<end)
      if line.starts(with: beginning), let record = try? JSONDecoder().decode(MetricsRecord.self, from: Data(line)),
        record.step <= step
      {
        return record
      }
      end = start
    }
    return nil
  }

  /// The byte after the last line end before `end - 1`.
  private static func startOfLastLine(_ file: borrowing SystemFile, end: Int) throws(MetricsError) -> Int {
    let blockBytes = 1 << 14
    var upper = end - 1
    while upper > 0 {
      let lower = max(0, upper - blockBytes)
      let block = try file.read(lower..<upper)
      if let index = block.lastIndex(of: UInt8(ascii: "\n")) { return lower + index + 1 }
      upper = lower
    }
    return 0
  }
}
