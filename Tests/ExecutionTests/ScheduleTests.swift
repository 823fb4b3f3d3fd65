import Execution
import FoundationEssentials
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Schedules")
struct ScheduleTests {
  /// Planned only, so large ones too.
  static let models = ["lenet5", "resnet20", "alexnet-owt", "vgg16", "googlenet-bn", "resnet50"]
  static let networks = models.map { NetworkCase($0, images: 2) } + [NetworkCase(.branching, images: 3)]

  @Test(arguments: ["lenet5", "resnet20"])
  func areAsReviewed(_ name: String) throws {
    let plan = Plan(NetworkCase(name, images: 8).network.fused(), images: 8, mode: .training)
    let text = Schedule(plan).table
    #expect(try Golden.text("\(name)-schedule.txt", updatingTo: text, beside: #filePath) == text)
  }

  /// Forward in order, the loss, backward in reverse, the optimizer; each at the place that is its number.
  @Test(arguments: networks)
  func tellTheWholeStep(_ test: NetworkCase) throws {
    let plan = Plan(test.network.fused(), images: test.images, mode: .training)
    let schedule = Schedule(plan)
    let layers = plan.steps.map(\.name)
    #expect(schedule.passes.map(\.layer) == layers + ["loss"] + layers.reversed() + ["optimizer"])
    #expect(schedule.passes.map(\.number) == Array(schedule.passes.indices))
    let phases = [ScheduledPass.Phase.forward, .loss, .backward, .optimizer]
    let counts = [layers.count, 1, layers.count, 1]
    #expect(schedule.passes.map(\.phase) == zip(phases, counts).flatMap { Array(repeating: $0, count: $1) })
    for step in plan.steps.indices {
      let passes = [schedule.passes[step], schedule.passes[plan.moment(of: .backward, step)]]
      #expect(passes.allSatisfy { $0.layer == plan.steps[step].name && $0.operation == plan.steps[step].kind })
    }
    #expect(try JSONDecoder().decode(Schedule.self, from: JSONEncoder().encode(schedule)) == schedule)

    let evaluation = Schedule(Plan(test.network.fused().forEvaluation(), images: test.images, mode: .evaluation))
    #expect(evaluation.passes.allSatisfy { $0.phase == .forward })
    #expect(evaluation.passes.count == test.network.fused().forEvaluation().nodes.count - 1)
  }

  /// Three products for every multiply-add of forward, but two in layers that read the images, which have no gradient.
  @Test(arguments: networks)
  func countWhatTheNetworkCounts(_ test: NetworkCase) {
    let products = test.network.nodes.reduce(0) { sum, node in
      let inputs = test.network.inputTypes(of: node).map(\.shape)
      return sum + (node.layer?.multiplyAdds(of: inputs) ?? 0) * (node.inputs.contains(0) ? 2 : 3)
    }
    let training = Schedule(Plan(test.network.fused(), images: test.images, mode: .training))
    #expect(training.flops == 2 * test.images * products)
    let main = test.network.fused().forEvaluation()
    let evaluation = Schedule(Plan(main, images: test.images, mode: .evaluation))
    #expect(evaluation.flops == 2 * test.images * main.multiplyAdds)
    #expect(training.traffic.bytes == training.passes.reduce(0) { $0 + $1.traffic.readBytes + $1.traffic.writtenBytes })
  }

  /// No two tensors share memory while both are there: from the first pass that touches them to the last.
  @Test(arguments: networks)
  func neverShareLiveMemory(_ test: NetworkCase) {
    let network = test.network.fused()
    let plan = Plan(network, images: test.images, mode: .training)
    let schedule = Schedule(plan)
    let tensors = Self.liveTensors(of: schedule, plan, network, images: test.images)
    // An output of every step, and a gradient of every step that has its own.
    #expect(tensors.count >= 2 * plan.steps.count - plan.steps.count { $0.inPlaceGradient != nil })
    for (place, tensor) in tensors.enumerated() {
      #expect(tensor.range.upperBound <= schedule.activationFloats)
      for other in tensors[..<place] where tensor.first <= other.last && other.first <= tensor.last {
        #expect(!tensor.range.overlaps(other.range), "\(tensor) and \(other)")
      }
    }
    #expect(tensors.map(\.range.upperBound).max() == schedule.activationFloats)
  }

  /// What was fused, and how it is computed, is said.
  @Test func operationsAreNamed() throws {
    let network = NetworkCase("resnet20", images: 2).network
    let auto = Schedule(Plan(network.fused(), images: 2, mode: .training)).passes
    #expect(auto.count { $0.operation == "batch norm + add + relu" } == 2 * 9)
    #expect(Set(auto.map(\.algorithm)) == ["", "direct", "gemm", "winograd 4x4 3x3"])
    let direct = Schedule(Plan(network.computing(with: .direct).fused(), images: 2, mode: .training)).passes
    #expect(Set(direct.map(\.algorithm)) == ["", "direct", "gemm"])
    #expect(direct.map(\.traffic) == auto.map(\.traffic) && direct.map(\.flops) == auto.map(\.flops))
  }

  struct LiveTensor {
    let range: Range<Int>
    var first: Int
    var last: Int
  }

  /// The tensors of the activation arena with the passes that touch them first and last.
  private static func liveTensors(
    of schedule: Schedule, _ plan: Plan, _ network: Network, images: Int
  ) -> [LiveTensor] {
    var tensors: [String: LiveTensor] = [:]
    func touch(_ name: String, _ range: Range<Int>, at moment: Int) {
      guard !range.isEmpty else { return }
      var tensor = tensors[name] ?? LiveTensor(range: range, first: moment, last: moment)
      #expect(tensor.range == range)
      tensor.first = min(tensor.first, moment)
      tensor.last = max(tensor.last, moment)
      tensors[name] = tensor
    }
    func output(_ step: Int) -> Range<Int> { schedule.passes[step].output }
    func gradient(_ step: Int) -> Range<Int> { schedule.passes[plan.moment(of: .backward, step)].gradient }
    // Gradients that are written over one another are one tensor, under the name of the last step.
    var hosts = Array(plan.steps.indices)
    for (step, planned) in plan.steps.enumerated().reversed() {
      guard let place = planned.inPlaceGradient else { continue }
      #expect(!planned.accumulates[place] && gradient(planned.inputs[place]) == gradient(step))
      hosts[planned.inputs[place]] = hosts[step]
    }
    for step in plan.outputs {
      touch("output \(step)", output(step), at: plan.lossMoment)
      touch("gradient \(hosts[step])", gradient(step), at: plan.lossMoment)
    }
    #expect(schedule.passes[plan.lossMoment].gradient == plan.outputs.first.map(gradient))
    for (step, node) in network.nodes.dropFirst().enumerated() {
      let operation = node.layer?.operation(on: network.inputTypes(of: node), images: images)
      let needs = operation?.needs ?? []
      let forward = schedule.passes[step]
      let backward = schedule.passes[plan.moment(of: .backward, step)]
      let inputs = node.inputs.map { $0 - 1 }
      #expect(forward.inputs == inputs && backward.inputs == inputs)
      #expect(forward.output.count == images * node.type.floats && backward.gradient.count == forward.output.count)
      for pass in [forward, backward] {
        touch("output \(step)", pass.output, at: pass.number)
        touch("saved \(step)", pass.saved, at: pass.number)
        touch("workspace \(pass.number)", pass.workspace, at: pass.number)
        touch("gradient \(hosts[step])", pass.gradient, at: pass.number)
      }
      if needs.contains(.output) { touch("output \(step)", output(step), at: backward.number) }
      for (place, input) in inputs.enumerated() where input >= 0 {
        touch("output \(input)", output(input), at: forward.number)
        if needs.keepsInput(place) { touch("output \(input)", output(input), at: backward.number) }
        touch("gradient \(hosts[input])", gradient(input), at: backward.number)
      }
    }
    return Array(tensors.values)
  }
}

extension Schedule {
  /// One line for every pass, and the sums. Ranges are floats.
  fileprivate var table: String {
    var lines = ["\(network), \(images) images, \(mode.rawValue): \(activationFloats) activation floats"]
    for pass in passes {
      let inputs = zip(pass.inputs, pass.accumulates).map { "\($0 < 0 ? "images" : "\($0)")\($1 ? "+" : "")" }
      lines.append(
        "\(pass.number) \(pass.phase.rawValue) \(pass.layer) [\(pass.operation)] "
          + "\(pass.algorithm.isEmpty ? "" : "by \(pass.algorithm) ")of \(inputs.joined(separator: ", ")): "
          + "\(pass.flops) flops, \(pass.traffic.readBytes) bytes read, \(pass.traffic.writtenBytes) written; "
          + "output \(pass.output), saved \(pass.saved), workspace \(pass.workspace), gradient \(pass.gradient)")
    }
    lines.append("\(flops) flops, \(traffic.readBytes) bytes read, \(traffic.writtenBytes) written")
    return lines.joined(separator: "\n") + "\n"
  }
}
