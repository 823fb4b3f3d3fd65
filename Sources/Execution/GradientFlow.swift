import Networks

/// Where the gradients of a plan's steps come from and which of them share a place.
struct GradientFlow {
  /// For each input of each step, whether backward adds to a gradient that a later consumer has begun.
  private(set) var accumulates: [[Bool]]
  /// For each step the input whose gradient is written over the output's.
  private(set) var inPlace: [Int?]
  /// For each step the one in whose gradient's place its own is: itself, or a later one.
  private(set) var hosts: [Int]

  /// A pure function of the graph. `nodes` are all but the images; their inputs count from there.
  init(_ nodes: [Network.Node], _ operations: [any Operation], outputSteps: [Int]) {
    accumulates = [[Bool]](repeating: [], count: nodes.count)
    inPlace = [Int?](repeating: nil, count: nodes.count)
    hosts = Array(nodes.indices)
    var begun = Set(outputSteps)  // Steps whose gradient has its first part.
    for step in nodes.indices.reversed() {
      let inputs = nodes[step].inputs.map { $0 - 1 }
      accumulates[step] = inputs.map { !begun.insert($0).inserted }
      guard let place = operations[step].inPlaceGradient, inputs[place] >= 0, !accumulates[step][place],
        nodes[inputs[place]].type == nodes[step].type
      else { continue }
      inPlace[step] = place
      hosts[inputs[place]] = hosts[step]
    }
  }
}
