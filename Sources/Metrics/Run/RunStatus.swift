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
  /// Of the weights after `step`; nil where they were neither evaluated nor saved.
  public var weightsHash: String?
  /// The newest checkpoint.
  public var checkpoint: String?
  /// The last evaluation.
  public var evaluation: Evaluation?
  /// The time of day in UTC when the file was written.
  public var updated: String?

  /// What an evaluation found, under the names that `metrics.jsonl` has for it.
  ///
  /// What does not apply, or is not a number, is left out.
  public struct Evaluation: Sendable, Equatable, Codable {
    public var step: Int
    public var epoch: Double?
    public var loss: Double?
    /// In percent.
    public var top1: Double?
    /// In percent.
    public var top5: Double?
    /// In classes.
    public var distance: Double?

    public init(_ record: MetricsRecord) {
      step = record.step
      epoch = record.epoch
      loss = record.loss
      top1 = record.top1
      top5 = record.top5
      distance = record.distance
    }
  }

  public init(_ state: State, step: Int) {
    self.state = state
    self.step = step
  }

  enum CodingKeys: String, CodingKey {
    case state, code, reason, rank, host, step, epoch
    case weightsHash = "weights_hash"
    case checkpoint, evaluation, updated
  }

  private var json: JSONValue {
    JSONValue([
      "state": state.rawValue, "code": code, "reason": reason, "rank": rank, "host": host, "step": step,
      "epoch": epoch, "weights_hash": weightsHash, "checkpoint": checkpoint,
      "evaluation": evaluation, "updated": updated,
    ])
  }

  /// The status on one line, null members included: the last line that a run prints.
  public var line: String { json.line }

  /// Replaces the file at `path`; readers see the old or the new one.
  public func write(to path: String) throws(MetricsError) {
    var status = self
    status.updated = status.updated ?? WallClock.now()
    // Scripts read status.json line by line, so an object below the first level stays on one line.
    try SystemFile.replace(path, with: status.json.page(levels: 1) + "\n")
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

extension RunStatus.Evaluation: JSONRepresentable {
  var json: JSONValue {
    let all = JSONValue([
      "step": step, "epoch": epoch, "loss": loss, "top1": top1, "top5": top5, "distance": distance,
    ])
    return all.withoutNulls
  }
}
