import Checkpoints
import Configuration
import Metrics

/// What rank 0 keeps of a run: its folder, lock, log, console and checkpoints. Other ranks have none.
final class RunRecord {
  let directory: RunDirectory
  let checkpoints: CheckpointStore
  let console: Console
  private let lock: RunLock
  private var log: MetricsLog?
  private var reporter: ConsoleReporter?
  /// The last one of the run, also when another process made it.
  private var evaluation: RunStatus.Evaluation?
  /// The newest checkpoint.
  private var checkpoint: String?
  /// The hash of the weights after a step.
  private var weights: (step: Int, hash: String)?

  /// Takes the run directory, or says who has it.
  init(_ path: String, console: Console) throws {
    directory = RunDirectory(path: path)
    self.console = console
    lock = try directory.claim()
    checkpoints = try CheckpointStore(writing: directory.checkpointsPath)
    if let warning = lock.warning { console.line(warning) }
  }

  /// Takes up what earlier processes found of a run that goes on at `step` from `checkpoint`.
  func resume(at step: Int, from checkpoint: String?) throws {
    self.checkpoint = checkpoint
    evaluation = try MetricsLog.lastEvaluation(in: directory.metricsPath, until: step).map(RunStatus.Evaluation.init)
  }

  /// Begins the log of a run that has done `step` steps.
  func begin(
    at step: Int, _ configuration: RunConfiguration, environment: RunEnvironment, length: RunLength, ranks: Int
  ) throws {
    try directory.writeConfiguration(configuration.resolvedYAML())
    try directory.writeEnvironment(environment)
    log = try MetricsLog(path: directory.metricsPath, atStep: step)
    let extent = ConsoleReporter.Extent(
      totalSteps: length.steps, totalEpochs: Int(length.epochs(after: length.steps - 1).rounded(.down)) + 1,
      ranks: ranks)
    reporter = ConsoleReporter(console: console, every: .seconds(configuration.logging.everySeconds), extent: extent)
    try directory.writeStatus(status(.running, step: step))
  }

  func record(_ sample: StepSample) throws {
    guard let summary = reporter?.record(sample) else { return }
    try log?.append(MetricsRecord(summary))
    var status = status(.running, step: sample.step)
    status.epoch = sample.epoch
    try directory.writeStatus(status)
  }

  /// Ends the running interval, so that what follows counts in no rate.
  func flush() throws {
    guard let summary = reporter?.flush() else { return }
    try log?.append(MetricsRecord(summary))
  }

  /// Does something that is not training.
  func excluding<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard var current = reporter else { return try body() }
    defer { reporter = current }
    return try current.excluding(body)
  }

  func record(_ result: EvaluationResult, step: Int, epoch: Double, weightsHash: String) throws {
    var record = MetricsRecord(.evaluation, step: step)
    record.epoch = epoch
    record.loss = result.loss
    record.top1 = result.top1
    record.top5 = result.top5
    record.distance = result.distance
    record.weightsHash = weightsHash
    try log?.append(record)
    evaluation = RunStatus.Evaluation(record)
    weights = (step, weightsHash)
    var status = status(.running, step: step)
    status.epoch = epoch
    try directory.writeStatus(status)
    console.line(
      "evaluation step \(step) epoch \(fixed(epoch, 2)) top1 \(fixed(result.top1, 2)) top5 \(fixed(result.top5, 2)) "
        + "loss \(fixed(result.loss, 4)) \(result.distance.map { "distance \(fixed($0, 3)) " } ?? "")"
        + "images \(result.samples) weights \(weightsHash)")
  }

  func record(_ saved: CheckpointStore.Saved, epoch: Double) throws {
    var record = MetricsRecord(.checkpoint, step: saved.entry.step)
    record.epoch = epoch
    record.weightsHash = saved.weightsHash
    record.checkpoint = saved.entry.path
    try log?.append(record)
    checkpoint = saved.entry.path
    weights = (saved.entry.step, saved.weightsHash)
    var status = status(.running, step: saved.entry.step)
    status.epoch = epoch
    try directory.writeStatus(status)
    console.line("checkpoint step \(saved.entry.step) \(saved.entry.path) weights \(saved.weightsHash)")
  }

  /// The last words: status.json, and the same on the last line of the console.
  func end(_ outcome: TrainingOutcome, epoch: Double, reason: String?) throws {
    var status = status(outcome.isFinished ? .finished : .preempted, step: outcome.step)
    status.code = outcome.isFinished ? 0 : Int(FailureKind.preempted.rawValue)
    status.reason = reason
    status.epoch = epoch
    status.weightsHash = outcome.weightsHash
    status.checkpoint = outcome.checkpoint
    try directory.writeStatus(status)
    console.line(status.line)
  }

  /// A status with the last evaluation, the newest checkpoint, and the hash of the weights where it is known.
  private func status(_ state: RunStatus.State, step: Int) -> RunStatus {
    var status = RunStatus(state, step: step)
    status.evaluation = evaluation
    status.checkpoint = checkpoint
    if let weights, weights.step == step { status.weightsHash = weights.hash }
    return status
  }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let units = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(units % scale)
    return (value < 0 ? "-" : "") + "\(units / scale)." + String(repeating: "0", count: digits - fraction.count)
      + fraction
  }
}
