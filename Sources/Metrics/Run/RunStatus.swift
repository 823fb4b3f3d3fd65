import FoundationEssentials

/// `status.json`: the state of a run for scripts, which cannot trust the exit code of a launcher.
public struct RunStatus: Sendable, Equatable, Codable {
  public enum State: String, Sendable, Codable {
    case running, finished, preempted, failed
  }

  public var state: State
  /// The exit code; nil while the run goes on.
  public var code: Int?
  /// One sentence: why the run ended.
  public var reason: String?
  /// The rank that ended the run, and its host.
  public var rank: Int?
  public var host: String?
  /// Steps done.
  public var step: Int
  /// Epochs done.
  public var epoch: Double?
  /// Of the weights after `step`.
  public var weightsHash: String?
  /// The newest checkpoint.
  public var checkpoint: String?
  /// The time of day in UTC when the file was written.
  public var updated: String?

  public init(_ state: State, step: Int) {
    self.state = state
    self.step = step
  }

  enum CodingKeys: String, CodingKey {
    case state, code, reason, rank, host, step, epoch
    case weightsHash = "weights_hash"
    case checkpoint, updated
  }

  private var json: JSONValue {
    JSONValue([
      "state": state.rawValue, "code": code, "reason": reason, "rank": rank, "host": host, "step": step,
      "epoch": epoch, "weights_hash": weightsHash, "checkpoint": checkpoint, "updated": updated,
    ])
  }

  /// The status on one line, null members included: the last line that a run prints.
  public var line: String { json.line }

  /// Replaces the file at `path`; readers see the old or the new one.
  public func write(to path: String) throws(MetricsError) {
    var status = self
    status.updated = status.updated ?? WallClock.now()
    try SystemFile.replace(path, with: status.json.page() + "\n")
  }

  /// The status at `path`; nil if there is none.
  public static func read(from path: String) throws(MetricsError) -> RunStatus? {
    guard let bytes = try SystemFile.bytes(of: path) else { return nil }
    do {
      return try JSONDecoder().decode(RunStatus.self, from: Data(bytes))
    } catch {
      throw MetricsError(
        .invalid, "\(path) is not a status of a run; remove it if the run directory is otherwise sound")
    }
  }
}
