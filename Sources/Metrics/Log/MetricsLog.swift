import Glibc

/// `metrics.jsonl`: what a run measured, one JSON object per line, steps never falling.
///
/// A line is one `write`, so a killed process loses nothing. Lines of training reach the disk when the system sees fit;
/// every other kind waits for it, so a power cut takes at most the lines of training since the last of them. A write
/// that fails leaves the file as it was.
///
/// Opening the log at step S cuts off a line torn by a crash and every line of a later step, because the resumed run
/// writes those steps again; then a line `{"kind": "event", "step": S, "event": "resume", …}` says so.
public struct MetricsLog: ~Copyable {
  private let file: SystemFile
  private var bytes: Int

  /// Opens or creates the log of a run that has done `step` steps.
  public init(path: String, atStep step: Int = 0) throws(MetricsError) {
    let opened = try SystemFile(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW)
    let size = try opened.size()
    let tail = try MetricsTail(opened, size: size, step: step)
    if tail.keptBytes < size { try opened.truncate(to: tail.keptBytes) }
    var end = tail.keptBytes
    if step > 0 || tail.laterLines > 0 {
      var record = MetricsRecord(.event, step: step)
      record.event = "resume"
      record.message = tail.sentence(step)
      end = try Self.add(record, to: opened, endingAt: end)
    }
    file = opened
    bytes = end
  }

  /// The last evaluation up to `step` in the log at `path`, which stays as it is; nil if there is none.
  public static func lastEvaluation(in path: String, until step: Int) throws(MetricsError) -> MetricsRecord? {
    guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    let file = try SystemFile(path, O_RDONLY)
    return try MetricsTail.lastEvaluation(file, size: file.size(), step: step)
  }

  /// Adds a line, with the time of day if it has none.
  public mutating func append(_ record: MetricsRecord) throws(MetricsError) {
    bytes = try Self.add(record, to: file, endingAt: bytes)
  }

  /// Waits until the disk has every line.
  public func synchronize() throws(MetricsError) {
    try file.synchronize()
  }

  /// Writes a line at the end of the file; returns the new end.
  private static func add(
    _ record: MetricsRecord, to file: borrowing SystemFile, endingAt end: Int
  ) throws(MetricsError) -> Int {
    var record = record
    record.time = record.time ?? WallClock.now()
    let line = Array((record.line + "\n").utf8)
    do throws(MetricsError) {
      try file.write(line)
    } catch {
      try? file.truncate(to: end)
      throw error
    }
    if record.kind != .train { try file.synchronize() }
    return end + line.count
  }
}
