import Execution
import Files
import FoundationEssentials
import Glibc
import Networks
import Training

/// The counted steps as Chrome's trace events, which ui.perfetto.dev and chrome://tracing open: one row, on which each
/// step spans its passes.
struct StepTrace: Encodable {
  private let displayTimeUnit = "ms"
  private let traceEvents: [Event]

  /// Times are microseconds since the first counted step.
  private struct Event: Encodable {
    let name: String
    var cat: String?
    /// "X" is a span of time, "M" gives a name to a row.
    let ph: String
    var ts, dur: Double?
    let pid: Int
    let tid = 1
    let args: Arguments
  }

  fileprivate struct Arguments: Encodable {
    var name, operation, algorithm: String?
    var images, step, flops, readBytes, writtenBytes: Int?
    var gflops, gigabytesPerSecond: Double?

    enum CodingKeys: String, CodingKey {
      case name, operation, algorithm, images, step, flops
      case readBytes = "bytes read"
      case writtenBytes = "bytes written"
      case gflops = "GFLOP/s"
      case gigabytesPerSecond = "GB/s"
    }
  }

  /// `profile` must have kept its boundaries.
  init(_ profile: ExecutionProfile, title: String) {
    let pid = Int(getpid())
    var events = [
      Event(name: "process_name", ph: "M", pid: pid, args: Arguments(name: title)),
      Event(name: "thread_name", ph: "M", pid: pid, args: Arguments(name: "step")),
    ]
    let start = profile.boundaries.first?.first
    for (number, boundaries) in profile.boundaries.enumerated() {
      guard let start, let first = boundaries.first, let last = boundaries.last else { continue }
      events.append(
        Event(
          name: "step \(number + 1)", cat: "step", ph: "X", ts: (first - start).microseconds,
          dur: (last - first).microseconds, pid: pid, args: Arguments(images: profile.schedule.images)))
      for (pass, (begin, end)) in zip(profile.schedule.passes, zip(boundaries, boundaries.dropFirst())) {
        events.append(
          Event(
            name: pass.layer, cat: pass.phase.rawValue, ph: "X", ts: (begin - start).microseconds,
            dur: (end - begin).microseconds, pid: pid, args: Arguments(pass, seconds: (end - begin).seconds)))
      }
    }
    traceEvents = events
  }

  /// The events that stand for steps and passes.
  var spans: Int { traceEvents.count { $0.ph == "X" } }

  /// Throws where no trace could be written, so that this shows before anything is measured.
  static func requirePlace(_ path: String) throws(TrainingError) {
    switch FileSystem.entry(at: path) {
    case nil, .file?: break
    default:
      throw TrainingError(
        .cannotCreate, "Could not write the trace to \(path): what is there is no file; choose another name.")
    }
    let folder = FileSystem.parent(of: path)
    guard FileSystem.mode(of: folder) == nil else { return }
    throw TrainingError(
      .cannotCreate, "Could not write the trace to \(path): the folder \(folder) does not exist; create it first.")
  }

  /// Writes the file whole, or leaves `path` as it was.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let contents = [UInt8](try encoder.encode(self))
    do {
      try AtomicFile.write(contents, to: path)
    } catch {
      let kind: FailureKind =
        switch error.kind {
        case .missing, .exists, .permission: .cannotCreate
        case .diskFull, .io: .inputOutput
        }
      throw TrainingError(kind, "Could not write the trace to \(path): \(error.description)")
    }
  }
}

extension StepTrace.Arguments {
  fileprivate init(_ pass: ScheduledPass, seconds: Double) {
    operation = pass.operation
    algorithm = pass.algorithm.isEmpty ? nil : pass.algorithm
    step = pass.number
    flops = pass.flops
    readBytes = pass.traffic.readBytes
    writtenBytes = pass.traffic.writtenBytes
    guard seconds > 0 else { return }
    if pass.flops > 0 { gflops = Double(pass.flops) * 1e-9 / seconds }
    gigabytesPerSecond = Double(pass.traffic.bytes) * 1e-9 / seconds
  }
}
