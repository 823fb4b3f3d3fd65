import MessagePassing

extension GradientExchange {
  /// Gives every node the weights of `root`'s node, and waits for all ranks.
  ///
  /// Collective, between steps.
  ///
  /// `root` has written them to `weights`.
  public func shareWeights(from root: Int = 0) throws {
    let topology = world.topology
    let count = parameterCount
    let source = topology.nodeOfRank[root]
    var requests = RequestSet()
    if world.rank == root {
      for node in topology.nodes where topology.nodeOfRank[node[0]] != source {
        try requests.insert(world.startSend(.init(start: weights, count: count), to: node[0], tag: sharingTag))
      }
    } else if world.localRank == 0, world.node != source {
      try requests.insert(world.startReceive(into: .init(start: weights, count: count), from: root, tag: sharingTag))
    }
    try requests.wait()
    try world.barrier()
  }

  /// Gathers an array of `parameterCount` floats, of which every rank has the ranges it owns, on `root`.
  ///
  /// For the optimizer's state in checkpoints. Collective, between steps; `values` becomes whole on `root` and stays as
  /// it was elsewhere.
  public func gatherOwned(_ values: UnsafeMutablePointer<Float>, on root: Int = 0) throws {
    var requests = RequestSet()
    for bucket in buckets {
      if world.rank != root {
        let piece = ShardCut.piece(of: bucket, owner: world.rank, ranks: world.size)
        guard !piece.isEmpty else { continue }
        try requests.insert(
          world.startSend(.init(start: values + piece.lowerBound, count: piece.count), to: root, tag: sharingTag))
        continue
      }
      for rank in 0..<world.size where rank != root {
        let piece = ShardCut.piece(of: bucket, owner: rank, ranks: world.size)
        guard !piece.isEmpty else { continue }
        try requests.insert(
          world.startReceive(
            into: .init(start: values + piece.lowerBound, count: piece.count), from: rank, tag: sharingTag))
      }
    }
    try requests.wait()
    try world.barrier()
  }

  /// Above the tags of all buckets.
  private var sharingTag: Int { Communicator.tagLimit - 1 }
}
