import Files
import Synchronization

/// Which checkpoint of a run is the best: the one with the lowest or highest value of a metric of its state.
public struct BestRule: Sendable, Equatable {
  public enum Direction: Sendable { case lowest, highest }

  public var metric: String
  public var direction: Direction

  public init(metric: String, _ direction: Direction) {
    self.metric = metric
    self.direction = direction
  }

  /// What a value of the metric is worth: the greater, the better.
  public func score(_ value: Double) -> Double { direction == .lowest ? -value : value }

  func isBetter(_ value: Double, than other: Double) -> Bool { score(value) > score(other) }
}

extension CheckpointStore {
  /// Removes all checkpoints that are older than the `keepLast` newest sound ones, except the best.
  ///
  /// Nothing is removed before the ones to stay were verified: a broken checkpoint takes nobody's place, so with fewer
  /// than `keepLast` sound ones all stay. Returns the removed steps.
  @discardableResult
  public func prune(keepLast: Int, keepBest: BestRule?) throws(CheckpointError) -> [Int] {
    precondition(keepLast >= 1, "A run keeps at least one checkpoint.")
    let entries = try list()
    var kept: [Entry] = []
    for entry in entries.reversed() where kept.count < keepLast && isSound(entry) { kept.append(entry) }
    guard kept.count == keepLast, let oldestKept = kept.last else { return [] }
    let best = keepBest.flatMap { self.best(of: entries, by: $0) }
    let removed = entries.filter { $0.step < oldestKept.step && $0 != best }
    for entry in removed { try remove(entry) }
    return removed.map { $0.step }
  }

  /// The best sound checkpoint, of equal ones the first; nil if none has the metric.
  public func best(by rule: BestRule) throws(CheckpointError) -> Entry? { best(of: try list(), by: rule) }

  /// Whether a checkpoint is known to be sound, or is found so by reading all of it.
  private func isSound(_ entry: Entry) -> Bool {
    if sound.withLock({ $0.contains(entry.step) }) { return true }
    do {
      _ = try load(entry)
      return true
    } catch {
      return false
    }
  }

  private func best(of entries: [Entry], by rule: BestRule) -> Entry? {
    var best: (entry: Entry, value: Double)?
    for entry in entries {
      guard let manifest = try? Checkpoint.manifest(in: entry.path),
        let value = try? Checkpoint.verifiedState(in: entry.path, manifest).metrics[rule.metric], !value.isNaN,
        best.map({ rule.isBetter(value, than: $0.value) }) ?? true, isSound(entry)
      else { continue }
      best = (entry, value)
    }
    return best?.entry
  }

  /// Removes a checkpoint: it is gone whole before the first of its files is.
  private func remove(_ entry: Entry) throws(CheckpointError) {
    let hidden = "\(folder)/\(CheckpointName.hidden(.temporary, entry.step))"
    sound.withLock { _ = $0.remove(entry.step) }
    try writing { () throws(FileError) in
      try FileSystem.rename(entry.path, to: hidden)
      try FileSystem.syncFolder(folder)
      try FileSystem.removeFolder(hidden)
    }
  }
}
