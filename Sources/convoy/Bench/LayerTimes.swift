import Execution
import Tensors

/// A table of what each layer of a training step took.
struct LayerTimes {
  let text: String

  init(_ plan: Plan, _ profile: ExecutionProfile, steps: Int) {
    func milliseconds(_ duration: Duration) -> Double {
      (Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15) / Double(steps)
    }
    func fixed(_ value: Double, _ digits: Int = 2) -> String {
      let scale = digits == 2 ? 100.0 : 10.0
      let whole = Int((value * scale).rounded())
      let fraction = String(whole % Int(scale))
      return "\(whole / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
    let total = zip(profile.forward, profile.backward).reduce(0) { $0 + milliseconds($1.0) + milliseconds($1.1) }
    var rows = [["layer", "kind", "output", "forward ms", "GFLOP/s", "backward ms", "GFLOP/s", "share"]]
    for (step, planned) in plan.steps.enumerated() {
      let forward = milliseconds(profile.forward[step])
      let backward = milliseconds(profile.backward[step])
      let flops = 2e-6 * Double(planned.multiplyAdds * plan.images)
      let passes = planned.inputs.contains(-1) ? 1.0 : 2.0
      rows.append([
        planned.name, planned.kind, planned.shape.description, fixed(forward),
        flops > 0 ? fixed(flops / forward, 1) : "", fixed(backward),
        flops > 0 ? fixed(passes * flops / backward, 1) : "",
        "\(fixed((forward + backward) / total * 100, 1)) %",
      ])
    }
    text = TextTable(rows: rows, rightAligned: [3, 4, 5, 6, 7]).text
  }
}
