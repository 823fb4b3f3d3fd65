public import Networks
import Tensors

extension Plan {
  /// Plans passes of `network` over `images` images.
  ///
  /// The moments of a tensor's life: step i runs forward at i and backward at 2n − i; the loss lies between, at n.
  ///
  /// With `parametersOf`, parameters and statistics lie where that plan has them: for a part of its network that uses
  /// the same arenas.
  public init(_ network: Network, images: Int, mode: Mode, parametersOf whole: Plan? = nil) {
    self.init(network, images: images, mode: mode, parametersOf: whole, joinsBranches: true)
  }

  /// With or without branches that are computed where a concatenation would copy them: the results are the same.
  package init(_ network: Network, images: Int, mode: Mode, parametersOf whole: Plan? = nil, joinsBranches: Bool) {
    let planner = Planner(network, images: images, mode: mode, parametersOf: whole, joinsBranches: joinsBranches)
    self.network = network.name
    self.images = images
    self.mode = mode
    steps = planner.plannedSteps()
    parameters = planner.parameters
    statistics = planner.statistics
    parameterFloats = whole?.parameterFloats ?? planner.parameters.last?.range.upperBound ?? 0
    statisticFloats = whole?.statisticFloats ?? planner.statistics.last?.range.upperBound ?? 0
    activationFloats = planner.layout.floats
    scratchFloats = planner.operations.map(\.scratchFloats).max() ?? 0
    classes = network.shape(of: network.output).channels
    outputs = network.outputSteps
  }
}

/// Works out the parts of a plan.
private struct Planner {
  let network: Network
  let images: Int
  let mode: Plan.Mode
  /// Nodes but for the images.
  let nodes: [Network.Node]
  let operations: [any Operation]
  let parameters: [PlannedParameter]
  let statistics: [PlannedStatistic]
  let parameterRanges: [Range<Int>]
  let statisticRanges: [Range<Int>]
  let layout: ArenaLayout
  let joining: Joining
  let flow: GradientFlow

  /// What each step asks of the arena, in this order.
  private enum Part: Int, CaseIterable {
    case output, saved, forwardWorkspace, backwardWorkspace, gradient
  }

  init(_ network: Network, images: Int, mode: Plan.Mode, parametersOf whole: Plan?, joinsBranches: Bool) {
    self.network = network
    self.images = images
    self.mode = mode
    nodes = Array(network.nodes.dropFirst())
    operations = nodes.map { $0.operation(in: network, images: images) }
    let parameterPlaces = Dictionary(uniqueKeysWithValues: (whole?.parameters ?? []).map { ($0.name, $0.range) })
    let statisticPlaces = Dictionary(uniqueKeysWithValues: (whole?.statistics ?? []).map { ($0.name, $0.range) })
    var parameters: [PlannedParameter] = []
    var statistics: [PlannedStatistic] = []
    var parameterRanges: [Range<Int>] = []
    var statisticRanges: [Range<Int>] = []
    for node in nodes {
      let firstParameter = parameters.count
      let firstStatistic = statistics.count
      let inputs = network.inputTypes(of: node)
      for spec in node.layer?.parameters(of: inputs) ?? [] {
        let name = "\(node.name).\(spec.name)"
        let start = parameterPlaces[name]?.lowerBound ?? parameters.last?.range.upperBound ?? 0
        parameters.append(
          PlannedParameter(
            name: name, role: spec.role, shape: spec.mapping.fileShape, range: start..<start + spec.mapping.floats))
      }
      for spec in node.layer?.statistics(of: inputs) ?? [] {
        let name = "\(node.name).\(spec.name)"
        let start = statisticPlaces[name]?.lowerBound ?? statistics.last?.range.upperBound ?? 0
        statistics.append(
          PlannedStatistic(
            name: name, channels: spec.channels,
            range: start..<start + paddedToVector(spec.channels), momentum: spec.momentum))
      }
      parameterRanges.append(firstParameter..<parameters.count)
      statisticRanges.append(firstStatistic..<statistics.count)
    }
    self.parameters = parameters
    self.statistics = statistics
    self.parameterRanges = parameterRanges
    self.statisticRanges = statisticRanges
    joining = Joining(nodes, operations, outputSteps: network.outputSteps, enabled: joinsBranches)
    flow = GradientFlow(nodes, operations, joining, outputSteps: network.outputSteps)
    layout = ArenaLayout(Self.requests(nodes, operations, joining, flow, network.outputSteps, images, mode))
  }

  private static func requests(
    _ nodes: [Network.Node], _ operations: [any Operation], _ joining: Joining, _ flow: GradientFlow,
    _ outputSteps: [Int], _ images: Int, _ mode: Plan.Mode
  ) -> [ArenaLayout.Request] {
    let n = nodes.count
    let training = mode == .training
    func backward(_ step: Int) -> Int { 2 * n - step }
    var firstWritten = Array(0..<n)
    var lastRead = Array(0..<n)
    var firstGradient = Array(repeating: n, count: n)
    for (step, node) in nodes.enumerated() {
      for (place, input) in node.inputs.map({ $0 - 1 }).enumerated() where input >= 0 {
        let keeps = training && operations[step].needs.keepsInput(place)
        lastRead[input] = max(lastRead[input], keeps ? backward(step) : step)
        firstGradient[input] = outputSteps.contains(input) ? n : max(n, backward(step))
      }
      if training, operations[step].needs.contains(.output) { lastRead[step] = max(lastRead[step], backward(step)) }
    }
    for step in outputSteps { lastRead[step] = max(lastRead[step], n) }
    var lastGradient = nodes.indices.map(backward)
    for step in nodes.indices {
      let host = joining.outputs[step].host
      firstWritten[host] = min(firstWritten[host], step)
      lastRead[host] = max(lastRead[host], lastRead[step])
      let gradientHost = flow.parts[step].host
      lastGradient[gradientHost] = max(lastGradient[gradientHost], backward(step))
    }
    // The last consumer runs backward first: with inputs in order, the greatest step was seen last.
    return nodes.indices.flatMap { step -> [ArenaLayout.Request] in
      let floats = images * nodes[step].type.floats
      let operation = operations[step]
      let end = training ? backward(step) : step
      return [
        .init(
          floats: joining.outputs[step].host == step ? floats : 0, first: firstWritten[step], last: lastRead[step]),
        .init(floats: training ? operation.savedFloats : 0, first: step, last: end),
        .init(floats: operation.forwardWorkspaceFloats, first: step, last: step),
        .init(floats: training ? operation.backwardWorkspaceFloats : 0, first: end, last: end),
        .init(
          floats: training && flow.parts[step].host == step ? floats : 0, first: firstGradient[step],
          last: lastGradient[step]),
      ]
    }
  }

  func plannedSteps() -> [PlannedStep] {
    nodes.indices.map { step in
      let node = nodes[step]
      func place(_ part: Part, of step: Int) -> Range<Int> {
        layout.places[step * Part.allCases.count + part.rawValue]
      }
      func place(_ part: Part) -> Range<Int> { place(part, of: step) }
      func pass(_ pass: Pass) -> PlannedPass {
        PlannedPass(
          pass, of: operations[step], node, network, images, mode, accumulates: flow.accumulates[step],
          joined: joining.offsets(of: step, nodes, operations).map { $0 != nil })
      }
      let (output, gradient) = (joining.outputs[step], flow.parts[step])
      return PlannedStep(
        name: node.name, kind: node.kind(in: network), shape: node.type.shape, inputs: node.inputs.map { $0 - 1 },
        output: output.range(in: place(.output, of: output.host), images: images, node), outputGap: output.gap,
        concatenation: joining.concatenations[step], saved: place(.saved), forwardWorkspace: place(.forwardWorkspace),
        backwardWorkspace: place(.backwardWorkspace),
        gradient: gradient.range(in: place(.gradient, of: gradient.host), images: images, node),
        gradientGap: mode == .training ? gradient.gap : 0,
        inPlaceGradient: mode == .training ? flow.inPlace[step] : nil, accumulates: flow.accumulates[step],
        parameters: parameterRanges[step], statistics: statisticRanges[step],
        multiplyAdds: node.layer?.multiplyAdds(of: network.inputTypes(of: node).map(\.shape)) ?? 0,
        forward: pass(.forward), backward: mode == .training ? pass(.backward) : nil)
    }
  }
}

extension Network {
  /// The steps that hold logits, the main one first.
  var outputSteps: [Int] { [output - 1] + auxiliaryOutputs.map { $0.node - 1 } }
}

extension Network.Node {
  /// The passes of a node's layer.
  func operation(in network: Network, images: Int) -> any Operation {
    guard let layer else { preconditionFailure("The images have no passes.") }
    return layer.operation(on: network.inputTypes(of: self), images: images)
  }
}
