/// One line of `metrics.jsonl`.
///
/// What does not apply to its kind, or is not a number, is left out.
public struct MetricsRecord: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable {
    /// The means of an interval of training that ends at `step`.
    case train
    /// The validation set at `step`.
    case evaluation
    /// A checkpoint that is safe on disk.
    case checkpoint
    /// Anything else, such as a resume; `event` names it.
    case event
  }

  public var kind: Kind
  /// Optimizer steps done.
  public var step: Int
  /// Epochs done.
  public var epoch: Double?
  public var loss: Double?
  /// In percent.
  public var top1: Double?
  /// In percent.
  public var top5: Double?
  /// Of evaluations whose classes are places on a line: the mean distance of answers from labels, in classes.
  public var distance: Double?
  public var learningRate: Double?
  /// Over all ranks.
  public var imagesPerSecond: Double?
  /// The share of the interval in which the step waited for data, 0...1.
  public var dataWaitShare: Double?
  /// The share of the interval in which the step waited for other ranks, 0...1.
  public var communicationShare: Double?
  /// Since this process began to train.
  public var secondsElapsed: Double?
  public var weightsHash: String?
  /// The path of a checkpoint.
  public var checkpoint: String?
  public var event: String?
  public var message: String?
  /// The time of day in UTC; the log fills it in.
  public var time: String?

  public init(_ kind: Kind, step: Int) {
    self.kind = kind
    self.step = step
  }

  enum CodingKeys: String, CodingKey {
    case kind, step, epoch, loss, top1, top5, distance
    case learningRate = "lr"
    case imagesPerSecond, dataWaitShare, communicationShare, secondsElapsed, weightsHash, checkpoint, event, message,
      time
  }

  /// The line without its end.
  package var line: String {
    let all = JSONValue([
      "kind": kind.rawValue, "step": step, "epoch": epoch, "loss": loss, "top1": top1, "top5": top5,
      "distance": distance, "lr": learningRate, "imagesPerSecond": imagesPerSecond, "dataWaitShare": dataWaitShare,
      "communicationShare": communicationShare, "secondsElapsed": secondsElapsed, "weightsHash": weightsHash,
      "checkpoint": checkpoint, "event": event, "message": message, "time": time,
    ])
    return all.withoutNulls.line
  }
}

extension MetricsRecord {
  /// A line of training.
  public init(_ summary: IntervalSummary) {
    self.init(.train, step: summary.step)
    epoch = summary.epoch
    loss = summary.loss
    top1 = summary.top1
    top5 = summary.top5
    learningRate = summary.learningRate
    imagesPerSecond = summary.imagesPerSecond
    dataWaitShare = summary.dataWaitShare
    communicationShare = summary.communicationShare
    secondsElapsed = summary.secondsElapsed
  }
}
