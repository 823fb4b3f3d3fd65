import Execution
import FoundationEssentials
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Schedules")
struct ScheduleTests {
  /// Planned only, so large ones too.
  static let models = ["lenet5", "resnet20", "alexnet-owt", "vgg16", "googlenet-bn", "resnet50"]
  static let networks =
    models.map { NetworkCase($0, images: 2) } + [NetworkCase(.branching, images: 3), NetworkCase(.joining, images: 3)]

  @Test(arguments: [
    NetworkCase("lenet5", images: 8), NetworkCase("resnet20", images: 8), NetworkCase(.joining, images: 3),
  ])
  func areAsReviewed(_ test: NetworkCase) throws {
    let plan = Plan(test.network.fused(), images: test.images, mode: .training)
    let text = Schedule(plan).table
    #expect(try Golden.text("\(test.network.name)-schedule.txt", updatingTo: text, beside: #filePath) == text)
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
    // An output of every step, and a gradient of every step, that have places of their own.
    let shared = plan.steps.reduce(0) { $0 + ($1.inPlaceGradient == nil ? 0 : 1) + ($1.concatenation == nil ? 0 : 2) }
    #expect(tensors.count >= 2 * plan.steps.count - shared)
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

  @Test(arguments: [
    (LossFunction.crossEntropy(smoothing: 0.1), "softmax cross entropy"), (.perceptron, "perceptron loss"),
    (.hinge, "hinge loss"), (.squaredError(bumpWidth: 2), "squared error"),
  ])
  func lossesAreNamed(_ loss: LossFunction, name: String) {
    let plan = Plan(NetworkCase("lenet5", images: 2).network.fused(), images: 2, mode: .training)
    let named = Schedule(plan, loss: loss).passes
    #expect(named.filter { $0.phase == .loss }.map(\.operation) == [name])
    #expect(named.filter { $0.phase != .loss } == Schedule(plan).passes.filter { $0.phase != .loss })
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
    // Branches that lie in their concatenation, and gradients that are written over one another, are one tensor, under
    // the name of the last step.
    var outputHosts = Array(plan.steps.indices)
    var gradientHosts = outputHosts
    for (step, planned) in plan.steps.enumerated().reversed() {
      if let concatenation = planned.concatenation {
        expectPart(plan, step, of: concatenation)
        outputHosts[step] = outputHosts[concatenation]
        gradientHosts[step] = gradientHosts[concatenation]
      }
      guard let place = planned.inPlaceGradient else { continue }
      let input = plan.steps[planned.inputs[place]]
      #expect(!planned.accumulates[place])
      #expect(input.gradient == planned.gradient && input.gradientGap == planned.gradientGap)
      gradientHosts[planned.inputs[place]] = gradientHosts[step]
    }
    func touchOutput(_ step: Int, at moment: Int) {
      touch("output \(outputHosts[step])", output(outputHosts[step]), at: moment)
    }
    func touchGradient(_ step: Int, at moment: Int) {
      touch("gradient \(gradientHosts[step])", gradient(gradientHosts[step]), at: moment)
    }
    for step in plan.outputs {
      touchOutput(step, at: plan.lossMoment)
      touchGradient(step, at: plan.lossMoment)
    }
    #expect(schedule.passes[plan.lossMoment].gradient == plan.outputs.first.map(gradient))
    for (step, node) in network.nodes.dropFirst().enumerated() {
      let operation = node.layer?.operation(on: network.inputTypes(of: node), images: images)
      let needs = operation?.needs ?? []
      let forward = schedule.passes[step]
      let backward = schedule.passes[plan.moment(of: .backward, step)]
      let inputs = node.inputs.map { $0 - 1 }
      #expect(forward.inputs == inputs && backward.inputs == inputs)
      let floats = images * node.type.floats
      #expect(forward.output.count == floats + (images - 1) * plan.steps[step].outputGap)
      #expect(backward.gradient.count == floats + (images - 1) * plan.steps[step].gradientGap)
      #expect(forward.outputGap == plan.steps[step].outputGap && backward.gradientGap == plan.steps[step].gradientGap)
      touchOutput(step, at: forward.number)
      touchGradient(step, at: backward.number)
      for pass in [forward, backward] {
        touch("saved \(step)", pass.saved, at: pass.number)
        touch("workspace \(pass.number)", pass.workspace, at: pass.number)
      }
      if needs.contains(.output) { touchOutput(step, at: backward.number) }
      for (place, input) in inputs.enumerated() where input >= 0 {
        touchOutput(input, at: forward.number)
        if needs.keepsInput(place) { touchOutput(input, at: backward.number) }
        touchGradient(input, at: backward.number)
      }
    }
    return Array(tensors.values)
  }

  /// A branch has its channels in every image of its concatenation.
  private static func expectPart(_ plan: Plan, _ step: Int, of concatenation: Int) {
    let (part, whole) = (plan.steps[step], plan.steps[concatenation])
    #expect(whole.inputs.filter { $0 == step }.count == 1)
    #expect(plan.steps.count { $0.inputs.contains(step) } == 1 && !plan.outputs.contains(step))
    let before = whole.inputs.prefix { $0 != step }.reduce(0) { $0 + plan.steps[$1].shape.floats(in: .blocked) }
    let others = whole.shape.floats(in: .blocked) - part.shape.floats(in: .blocked)
    #expect(part.output.lowerBound == whole.output.lowerBound + before)
    #expect(part.outputGap == whole.outputGap + others)
    #expect(part.gradient.lowerBound == whole.gradient.lowerBound + before)
    #expect(part.gradientGap == whole.gradientGap + others)
  }
}

extension Schedule {
  /// One line for every pass, and the sums. Ranges are floats.
  fileprivate var table: String {
    var lines = ["\(network), \(images) images, \(mode.rawValue): \(activationFloats) activation floats"]
    func place(_ range: Range<Int>, _ gap: Int) -> String { gap == 0 ? "\(range)" : "\(range) with gaps of \(gap)" }
    for pass in passes {
      let inputs = zip(pass.inputs, pass.accumulates).map { "\($0 < 0 ? "images" : "\($0)")\($1 ? "+" : "")" }
      lines.append(
        "\(pass.number) \(pass.phase.rawValue) \(pass.layer) [\(pass.operation)] "
          + "\(pass.algorithm.isEmpty ? "" : "by \(pass.algorithm) ")of \(inputs.joined(separator: ", ")): "
          + "\(pass.flops) flops, \(pass.traffic.readBytes) bytes read, \(pass.traffic.writtenBytes) written; "
          + "output \(place(pass.output, pass.outputGap)), saved \(pass.saved), workspace \(pass.workspace), gradient "
          + place(pass.gradient, pass.gradientGap))
    }
    lines.append("\(flops) flops, \(traffic.readBytes) bytes read, \(traffic.writtenBytes) written")
    return lines.joined(separator: "\n") + "\n"
  }
}
