public import Networks
import Tensors

extension Plan {
  /// Plans passes of `network` over `images` images.
  ///
  /// The moments of a tensor's life: step i runs forward at i and backward at 2n − i; the loss lies between, at n.
  public init(_ network: Network, images: Int, mode: Mode) {
    let planner = Planner(network, images: images, mode: mode)
    self.network = network.name
    self.images = images
    self.mode = mode
    steps = planner.plannedSteps()
    parameters = planner.parameters
    statistics = planner.statistics
    parameterFloats = planner.parameters.last?.range.upperBound ?? 0
    statisticFloats = planner.statistics.last?.range.upperBound ?? 0
    activationFloats = planner.layout.floats
    scratchFloats = planner.operations.map(\.scratchFloats).max() ?? 0
    classes = network.shape(of: network.output).channels
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

  /// What each step asks of the arena, in this order.
  private enum Part: Int, CaseIterable {
    case output, saved, forwardWorkspace, backwardWorkspace, gradient
  }

  init(_ network: Network, images: Int, mode: Plan.Mode) {
    self.network = network
    self.images = images
    self.mode = mode
    nodes = Array(network.nodes.dropFirst())
    operations = nodes.map { $0.operation(in: network, images: images) }
    var parameters: [PlannedParameter] = []
    var statistics: [PlannedStatistic] = []
    var parameterRanges: [Range<Int>] = []
    var statisticRanges: [Range<Int>] = []
    for node in nodes {
      let firstParameter = parameters.count
      let firstStatistic = statistics.count
      let inputs = network.inputTypes(of: node)
      for spec in node.layer?.parameters(of: inputs) ?? [] {
        let start = parameters.last?.range.upperBound ?? 0
        parameters.append(
          PlannedParameter(
            name: "\(node.name).\(spec.name)", role: spec.role, shape: spec.mapping.fileShape,
            range: start..<start + spec.mapping.floats))
      }
      for spec in node.layer?.statistics(of: inputs) ?? [] {
        let start = statistics.last?.range.upperBound ?? 0
        statistics.append(
          PlannedStatistic(
            name: "\(node.name).\(spec.name)", channels: spec.channels,
            range: start..<start + paddedToVector(spec.channels), momentum: spec.momentum))
      }
      parameterRanges.append(firstParameter..<parameters.count)
      statisticRanges.append(firstStatistic..<statistics.count)
    }
    self.parameters = parameters
    self.statistics = statistics
    self.parameterRanges = parameterRanges
    self.statisticRanges = statisticRanges
    layout = ArenaLayout(Self.requests(nodes, operations, network.output - 1, images, mode))
  }

  private static func requests(
    _ nodes: [Network.Node], _ operations: [any Operation], _ outputStep: Int, _ images: Int, _ mode: Plan.Mode
  ) -> [ArenaLayout.Request] {
    let n = nodes.count
    let training = mode == .training
    func backward(_ step: Int) -> Int { 2 * n - step }
    var lastRead = Array(0..<n)
    var firstGradient = Array(repeating: n, count: n)
    for (step, node) in nodes.enumerated() {
      for input in node.inputs.map({ $0 - 1 }) where input >= 0 {
        let keeps = training && operations[step].needs.contains(.inputs)
        lastRead[input] = max(lastRead[input], keeps ? backward(step) : step)
        firstGradient[input] = input == outputStep ? n : max(n, backward(step))
      }
      if training, operations[step].needs.contains(.output) { lastRead[step] = max(lastRead[step], backward(step)) }
    }
    lastRead[outputStep] = max(lastRead[outputStep], n)
    // The last consumer runs backward first: with inputs in order, the greatest step was seen last.
    return nodes.indices.flatMap { step -> [ArenaLayout.Request] in
      let floats = images * nodes[step].type.floats
      let operation = operations[step]
      let end = training ? backward(step) : step
      return [
        .init(floats: floats, first: step, last: lastRead[step]),
        .init(floats: training ? operation.savedFloats : 0, first: step, last: end),
        .init(floats: operation.forwardWorkspaceFloats, first: step, last: step),
        .init(floats: training ? operation.backwardWorkspaceFloats : 0, first: end, last: end),
        .init(floats: training ? floats : 0, first: firstGradient[step], last: end),
      ]
    }
  }

  func plannedSteps() -> [PlannedStep] {
    var begun = Set<Int>()  // Steps whose gradient has its first part.
    var accumulates = [[Bool]](repeating: [], count: nodes.count)
    for step in nodes.indices.reversed() {
      accumulates[step] = nodes[step].inputs.map { !begun.insert($0 - 1).inserted }
    }
    return nodes.indices.map { step in
      let node = nodes[step]
      func place(_ part: Part) -> Range<Int> { layout.places[step * Part.allCases.count + part.rawValue] }
      return PlannedStep(
        name: node.name, kind: node.layer?.kind ?? "", shape: node.type.shape, inputs: node.inputs.map { $0 - 1 },
        output: place(.output), saved: place(.saved), forwardWorkspace: place(.forwardWorkspace),
        backwardWorkspace: place(.backwardWorkspace), gradient: place(.gradient), accumulates: accumulates[step],
        parameters: parameterRanges[step], statistics: statisticRanges[step],
        multiplyAdds: node.layer?.multiplyAdds(of: network.inputTypes(of: node).map(\.shape)) ?? 0)
    }
  }
}

extension Network.Node {
  /// The passes of a node's layer.
  func operation(in network: Network, images: Int) -> any Operation {
    guard let layer else { preconditionFailure("The images have no passes.") }
    return layer.operation(on: network.inputTypes(of: self), images: images)
  }
}
