import Execution
import Networks

/// Where the time of a step goes: every pass in the order of execution, and the sums of what is alike.
struct PassTimes {
  let passes: [Row]
  /// Sums over the passes with one operation, algorithm and phase; the longest first.
  let kinds: [Row]

  struct Row: Encodable {
    /// The pass's number in the schedule; nil for a sum.
    var step: Int?
    let pass: ScheduledPass.Phase
    /// Nil for a sum.
    var layer: String?
    let operation, algorithm: String
    /// The passes that it sums.
    var count = 1
    /// Of one step, on the mean.
    var seconds: Double
    var share = 0.0
    var flops, bytes: Int

    var gflops: Double? { rate(flops) }
    var gigabytesPerSecond: Double? { rate(bytes) }

    private func rate(_ amount: Int) -> Double? {
      amount > 0 && seconds > 0 ? Double(amount) * 1e-9 / seconds : nil
    }

    enum CodingKeys: String, CodingKey {
      case step, pass, layer, operation, algorithm, count, seconds, share, flops, bytes, gflops
      case gigabytesPerSecond = "gigabytes_per_second"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(step, forKey: .step)
      try container.encode(pass, forKey: .pass)
      try container.encodeIfPresent(layer, forKey: .layer)
      try container.encode(operation, forKey: .operation)
      try container.encode(algorithm, forKey: .algorithm)
      try container.encode(count, forKey: .count)
      try container.encode(seconds, forKey: .seconds)
      try container.encode(share, forKey: .share)
      try container.encode(flops, forKey: .flops)
      try container.encode(bytes, forKey: .bytes)
      try container.encodeIfPresent(gflops, forKey: .gflops)
      try container.encodeIfPresent(gigabytesPerSecond, forKey: .gigabytesPerSecond)
    }
  }

  /// `profile` must have seen a step.
  init(_ profile: ExecutionProfile) {
    let seconds = profile.sums.map { $0.seconds / Double(profile.steps) }
    let total = seconds.reduce(0, +)
    passes = zip(profile.schedule.passes, seconds).map { pass, seconds in
      Row(
        step: pass.number, pass: pass.phase, layer: pass.layer, operation: pass.operation, algorithm: pass.algorithm,
        seconds: seconds, share: seconds / total, flops: pass.flops, bytes: pass.traffic.bytes)
    }
    var kinds: [Row] = []
    for pass in passes {
      let alike = kinds.firstIndex { kind in
        (kind.operation, kind.algorithm, kind.pass) == (pass.operation, pass.algorithm, pass.pass)
      }
      guard let alike else {
        var kind = pass
        kind.step = nil
        kind.layer = nil
        kinds.append(kind)
        continue
      }
      kinds[alike].count += 1
      kinds[alike].seconds += pass.seconds
      kinds[alike].share += pass.share
      kinds[alike].flops += pass.flops
      kinds[alike].bytes += pass.bytes
    }
    self.kinds = kinds.sorted { $0.seconds > $1.seconds }
  }

  var text: String {
    let figures = ["ms", "share", "GFLOP/s", "GB/s"]
    let all = TextTable(
      rows: [["step", "pass", "layer", "operation", "algorithm"] + figures]
        + passes.map { ["\($0.step ?? 0)", $0.pass.rawValue, $0.layer ?? "", $0.operation, $0.algorithm] + $0.figures },
      rightAligned: [0, 5, 6, 7, 8])
    let sums = TextTable(
      rows: [["pass", "operation", "algorithm", "passes"] + figures]
        + kinds.map { [$0.pass.rawValue, $0.operation, $0.algorithm, "\($0.count)"] + $0.figures },
      rightAligned: [3, 4, 5, 6, 7])
    return "\(all.text)\n\nBy kind, the longest first:\n\(sums.text)\n\n\(phases)"
  }

  /// One line: what each phase takes, and all of them.
  private var phases: String {
    var order: [ScheduledPass.Phase] = []
    for row in passes where order.last != row.pass { order.append(row.pass) }
    let parts = order.map { phase in
      "\(phase.rawValue) \(fixed(passes.reduce(0) { $0 + ($1.pass == phase ? $1.seconds : 0) } * 1e3)) ms"
    }
    let total = passes.reduce(0) { $0 + $1.seconds }
    return "\(parts.joined(separator: " + ")) = \(fixed(total * 1e3)) ms, the mean step"
  }
}

extension PassTimes.Row {
  fileprivate var figures: [String] {
    [
      fixed(seconds * 1e3, 3), "\(fixed(share * 100, 1)) %", gflops.map { fixed($0, 1) } ?? "",
      gigabytesPerSecond.map { fixed($0, 1) } ?? "",
    ]
  }
}
