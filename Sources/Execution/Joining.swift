import Networks

/// Which outputs of a plan's steps are computed where a concatenation would copy them.
struct Joining {
  /// For each step where its output lies.
  private(set) var outputs: [TensorPart]
  /// For each step the concatenation in whose output its own lies.
  private(set) var concatenations: [Int?]

  /// A pure function of the graph. `nodes` are all but the images; their inputs count from there. Nothing is joined if
  /// not `enabled`.
  init(_ nodes: [Network.Node], _ operations: [any Operation], outputSteps: [Int], enabled: Bool) {
    outputs = nodes.indices.map { TensorPart(host: $0) }
    concatenations = [Int?](repeating: nil, count: nodes.count)
    guard enabled else { return }
    let readers = nodes.readers
    for step in nodes.indices.reversed() {
      guard let offsets = operations[step].partOffsets else { continue }
      for (input, offset) in zip(nodes[step].inputs.map({ $0 - 1 }), offsets)
      where input >= 0 && readers[input] == 1 && !outputSteps.contains(input) && operations[input].allowsGaps {
        concatenations[input] = step
        outputs[input] = outputs[step].part(at: offset, nodes[input], of: nodes[step])
      }
    }
  }

  /// Where the inputs of a step's operation lie in its output: nil for those that do not.
  func offsets(of step: Int, _ nodes: [Network.Node], _ operations: [any Operation]) -> [Int?] {
    let offsets = operations[step].partOffsets
    return nodes[step].inputs.enumerated().map { place, input in
      input > 0 && concatenations[input - 1] == step ? offsets?[place] : nil
    }
  }
}

/// Where a step's output, or its gradient, lies: in a place of its own, or in another step's, perhaps as some of the
/// channels there.
struct TensorPart {
  /// The step whose tensor has the place.
  var host: Int
  /// Floats from the start of an image there.
  var offset = 0
  /// Floats between the end of an image and the start of the next.
  var gap = 0

  /// The part that `node` is of `whole`, which lies here, from `offset` floats on.
  func part(at offset: Int, _ node: Network.Node, of whole: Network.Node) -> TensorPart {
    TensorPart(host: host, offset: self.offset + offset, gap: gap + whole.type.floats - node.type.floats)
  }

  /// From the first float to the last in the arena, where the host has `place`.
  func range(in place: Range<Int>, images: Int, _ node: Network.Node) -> Range<Int> {
    guard !place.isEmpty else { return place }
    let start = place.lowerBound + offset
    return start..<start + images * node.type.floats + (images - 1) * gap
  }
}

extension [Network.Node] {
  /// How often each step is read, where these are all nodes but the images.
  var readers: [Int] {
    reduce(into: [Int](repeating: 0, count: count)) { readers, node in
      for input in node.inputs where input > 0 { readers[input - 1] += 1 }
    }
  }
}
