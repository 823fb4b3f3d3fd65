public import MessagePassing

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
        let piece = cut.piece(of: bucket, owner: world.rank)
        guard !piece.isEmpty else { continue }
        try requests.insert(
          world.startSend(.init(start: values + piece.lowerBound, count: piece.count), to: root, tag: sharingTag))
        continue
      }
      for rank in 0..<world.size where rank != root {
        let piece = cut.piece(of: bucket, owner: rank)
        guard !piece.isEmpty else { continue }
        try requests.insert(
          world.startReceive(
            into: .init(start: values + piece.lowerBound, count: piece.count), from: rank, tag: sharingTag))
      }
    }
    try requests.wait()
    try world.barrier()
  }

  /// Puts `values` in the place of the weights, and the weights in theirs, of which every rank has the ranges it owns.
  ///
  /// For weights that are used for a while and then put back, by a second call. Collective, between steps; afterwards
  /// all nodes have the new weights.
  public func swapOwned(_ values: UnsafeMutablePointer<Float>) throws {
    // No rank may still be reading the old ones.
    try world.barrier()
    for range in ownedRanges {
      for index in range { swap(&values[index], &weights[index]) }
    }
    var requests = RequestSet()
    for exchange in exchanges { try exchange.share(world, &requests) }
    try requests.wait()
    try world.barrier()
  }

  /// Replaces every value by its sum over all ranks: exact where one rank gives it and the others give zero.
  ///
  /// Collective.
  public func sumOverRanks(_ values: UnsafeMutableBufferPointer<Double>) throws(MessagePassingError) {
    let start = ContinuousClock.now
    try world.sum(inPlace: values)
    reducing += ContinuousClock.now - start
  }

  /// Above the tags of all buckets.
  private var sharingTag: Int { Communicator.tagLimit - 1 }
}
