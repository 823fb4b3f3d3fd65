/// Which rank runs on which node.
///
/// Ranks of one node share memory.
public struct Topology: Hashable, Sendable {
  /// The ranks of every node in ascending order; nodes are ordered by their lowest rank.
  public let nodes: [[Int]]
  /// The node of every rank.
  public let nodeOfRank: [Int]
  /// The position of every rank within its node.
  public let localRankOfRank: [Int]

  /// `colors` holds one number per rank: ranks with the same number share a node.
  public init(colors: [Int]) {
    var indexOfColor: [Int: Int] = [:]
    var nodes: [[Int]] = []
    var nodeOfRank: [Int] = []
    var localRankOfRank: [Int] = []
    for (rank, color) in colors.enumerated() {
      let node = indexOfColor[color] ?? nodes.count
      if node == nodes.count {
        indexOfColor[color] = node
        nodes.append([])
      }
      nodeOfRank.append(node)
      localRankOfRank.append(nodes[node].count)
      nodes[node].append(rank)
    }
    self.nodes = nodes
    self.nodeOfRank = nodeOfRank
    self.localRankOfRank = localRankOfRank
  }
}
