import Networks

/// Where the gradients of a plan's steps come from and which of them share a place.
struct GradientFlow {
  /// For each input of each step, whether backward adds to a gradient that a later consumer has begun.
  private(set) var accumulates: [[Bool]]
  /// For each step the input whose gradient is written over the output's.
  private(set) var inPlace: [Int?]
  /// For each step where its gradient lies: in a place of its own, or in a later step's.
  private(set) var parts: [TensorPart]

  /// A pure function of the graph. `nodes` are all but the images; their inputs count from there.
  init(_ nodes: [Network.Node], _ operations: [any Operation], _ joining: Joining, outputSteps: [Int]) {
    accumulates = [[Bool]](repeating: [], count: nodes.count)
    inPlace = [Int?](repeating: nil, count: nodes.count)
    parts = nodes.indices.map { TensorPart(host: $0) }
    let readers = nodes.readers
    var begun = Set(outputSteps)  // Steps whose gradient has its first part.
    for step in nodes.indices.reversed() {
      let inputs = nodes[step].inputs.map { $0 - 1 }
      accumulates[step] = inputs.map { !begun.insert($0).inserted }
      for (input, offset) in zip(inputs, joining.offsets(of: step, nodes, operations)) {
        guard let offset else { continue }
        parts[input] = parts[step].part(at: offset, nodes[input], of: nodes[step])
      }
      guard let place = operations[step].inPlaceGradient, inputs[place] >= 0, !accumulates[step][place],
        nodes[inputs[place]].type == nodes[step].type
      else { continue }
      let input = inputs[place]
      // Only whoever computed the input, and no other reader of it, need know of the gaps.
      guard parts[step].gap == 0 || readers[input] == 1 && operations[input].allowsGaps else { continue }
      inPlace[step] = place
      parts[input] = parts[step]
    }
  }
}
