import Checkpoints

/// What of a run is not part of its configuration: it changes where and when, never what is computed.
public struct TrainingOptions: Sendable {
  /// What a run begins with.
  public enum Resume: Sendable, Equatable {
    /// The newest checkpoint of the run directory that is sound; the start if there is none.
    case auto
    /// The start. Checkpoints of later steps are replaced as the run reaches them.
    case none
    /// This checkpoint.
    case checkpoint(String)
  }

  public var runDirectory: String
  public var resume: Resume
  /// What a run that has no checkpoint yet begins with; nil for random weights.
  public var initialWeights: InitialWeights?
  /// Stop with a checkpoint when the run has taken this long.
  public var maximumTime: Duration?
  /// The program and its version, as checkpoints record it.
  public var program: String

  public init(runDirectory: String, resume: Resume = .auto, maximumTime: Duration? = nil, program: String) {
    self.runDirectory = runDirectory
    self.resume = resume
    self.maximumTime = maximumTime
    self.program = program
  }
}

extension TrainingOptions {
  /// The checkpoint to resume from, read whole and found sound; nil to start anew. Where the newest one of `store` is
  /// wanted, `report` hears of those that are broken.
  func checkpointPath(in store: CheckpointStore, report: (CheckpointError) -> Void) throws -> String? {
    switch resume {
    case .none: return nil
    case .checkpoint(let chosen): return try Checkpoint(chosen).path
    case .auto:
      guard let newest = try store.latestValid(report: report) else { return nil }
      return newest.path
    }
  }
}

/// How a run ended.
public struct TrainingOutcome: Sendable {
  /// Whether all steps are done; otherwise it stopped on request.
  public var isFinished: Bool
  public var step: Int
  public var weightsHash: String
  public var checkpoint: String?
  public var lastEvaluation: EvaluationResult?
}
