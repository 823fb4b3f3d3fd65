import Foundation
import Synchronization

/// A folder of its own for one test, removed at the end.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// A clock that a test moves.
final class HandClock: Sendable {
  private let time = Mutex(Duration.zero)
  func advance(_ duration: Duration) { time.withLock { $0 += duration } }
  @Sendable func now() -> Duration { time.withLock(\.self) }
}
