import MessagePassing

/// Which ranks of other nodes one rank exchanges pieces with.
///
/// A node sums what its own ranks have before anything travels. For every rank of another node, one rank of this
/// node does so: it serves that rank. The work is spread by local rank.
struct NodeRoutes {
  /// For every other node, the rank there that serves this rank, and the nodes of the tree that it sends.
  let servers: [(rank: Int, partials: [Range<Int>])]
  /// The ranks of other nodes that this rank serves.
  let served: [Int]
  /// The nodes of the tree that this rank's node can sum alone.
  let ownPartials: [Range<Int>]

  init(of rank: Int, in topology: Topology, tree: ReductionTree) {
    let node = topology.nodeOfRank[rank]
    func server(of other: Int, on node: Int) -> Int {
      let ranks = topology.nodes[node]
      return ranks[topology.localRankOfRank[other] % ranks.count]
    }
    servers = topology.nodes.indices.filter { $0 != node }.map { other in
      (server(of: rank, on: other), tree.maximalNodes(of: topology.nodes[other]))
    }
    served = topology.nodeOfRank.indices.filter { other in
      topology.nodeOfRank[other] != node && server(of: other, on: node) == rank
    }
    ownPartials = tree.maximalNodes(of: topology.nodes[node])
  }
}
