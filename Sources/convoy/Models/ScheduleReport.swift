import Execution
import Networks

/// What `convoy plan --schedule` prints: every pass of a step, and the sums.
struct ScheduleReport: Encodable {
  let model: String
  let batch: Int
  let steps: [Step]
  let totals: Totals

  /// Ranges are floats of the activation arena, [first, end); there is none where the pass has no such tensor. Gaps are
  /// floats between the images of an output or a gradient, where there are some.
  struct Step: Encodable {
    let step: Int
    let pass: ScheduledPass.Phase
    let layer, operation, algorithm: String
    let inputs: [Int]
    let accumulates: [Bool]
    let readBytes, writtenBytes, flops: Int
    let outputFloats, savedFloats, workspaceFloats, gradientFloats: Range<Int>?
    let outputGapFloats, gradientGapFloats: Int?
  }

  struct Totals: Encodable {
    let arenaFloats, arenaBytes, readBytes, writtenBytes, flops: Int
    let bytesPerImage, flopsPerImage: Double
  }

  init(_ schedule: Schedule) {
    model = schedule.network
    batch = schedule.images
    steps = schedule.passes.map(Step.init)
    let traffic = schedule.traffic
    totals = Totals(
      arenaFloats: schedule.activationFloats, arenaBytes: 4 * schedule.activationFloats,
      readBytes: traffic.readBytes, writtenBytes: traffic.writtenBytes, flops: schedule.flops,
      bytesPerImage: Double(traffic.bytes) / Double(schedule.images),
      flopsPerImage: Double(schedule.flops) / Double(schedule.images))
  }

  var text: String {
    let header = [
      "step", "pass", "layer", "operation", "algorithm", "inputs", "MFLOP", "read", "written", "output", "saved",
      "workspace", "gradient",
    ]
    let table = TextTable(rows: [header] + steps.map(\.cells), rightAligned: [0, 6, 7, 8])
    return """
      \(model): a training step on \(batch) images. Ranges are floats of the activation arena; inputs are steps of the \
      forward pass, with + where backward adds to a gradient that is already begun. With ~ between its ends a range \
      has gaps between the images: it is a part of the channels of a concatenation, which has not to be copied.
      \(table.text)
      The step: \(fixed(Double(totals.flops) * 1e-9, 3)) GFLOP, \(readableBytes(totals.readBytes)) read, \
      \(readableBytes(totals.writtenBytes)) written, each tensor once per sweep.
      Per image: \(fixed(totals.flopsPerImage * 1e-9, 3)) GFLOP, \(readableBytes(Int(totals.bytesPerImage.rounded()))) \
      moved. Peak of the activation arena: \(readableBytes(totals.arenaBytes)).
      """
  }
}

extension ScheduleReport.Step {
  fileprivate init(_ pass: ScheduledPass) {
    func place(_ range: Range<Int>) -> Range<Int>? { range.isEmpty ? nil : range }
    step = pass.number
    self.pass = pass.phase
    layer = pass.layer
    operation = pass.operation
    algorithm = pass.algorithm
    inputs = pass.inputs
    accumulates = pass.accumulates
    readBytes = pass.traffic.readBytes
    writtenBytes = pass.traffic.writtenBytes
    flops = pass.flops
    outputFloats = place(pass.output)
    savedFloats = place(pass.saved)
    workspaceFloats = place(pass.workspace)
    gradientFloats = place(pass.gradient)
    outputGapFloats = pass.outputGap > 0 ? pass.outputGap : nil
    gradientGapFloats = pass.gradientGap > 0 ? pass.gradientGap : nil
  }

  fileprivate var cells: [String] {
    func place(_ range: Range<Int>?, gap: Int? = nil) -> String {
      guard let range else { return "" }
      return gap == nil ? "\(range)" : "\(range.lowerBound)~\(range.upperBound)"
    }
    let inputs = zip(inputs, accumulates).map { "\($0 < 0 ? "images" : "\($0)")\($1 ? "+" : "")" }
    return [
      "\(step)", pass.rawValue, layer, operation, algorithm, inputs.joined(separator: " "),
      flops > 0 ? fixed(Double(flops) * 1e-6, 1) : "", readableBytes(readBytes), readableBytes(writtenBytes),
      place(outputFloats, gap: outputGapFloats), place(savedFloats), place(workspaceFloats),
      place(gradientFloats, gap: gradientGapFloats),
    ]
  }
}
