/// The fixed order in which the gradients of all microbatches are added.
///
/// The microbatches of a step are the leaves of a balanced binary tree: node [lo, hi) is the sum of [lo, mid) and
/// [mid, hi) with mid = lo + (hi - lo) / 2. Its shape depends on the number of leaves alone, and ranks only choose who
/// adds what, so the sum has the same bits for any number of ranks (addition commutes; it does not associate).
public struct ReductionTree: Hashable, Sendable {
  /// The number of leaves.
  public let leafCount: Int
  /// The leaves of every rank: contiguous, in order, none empty.
  public let runs: [Range<Int>]

  /// The number of ranks.
  public var rankCount: Int { runs.count }

  /// Gives each of `ranks` ranks a run of `leaves` leaves.
  ///
  /// A power of two of ranks walks the tree, so that every rank owns exactly one node; other numbers of ranks get
  /// runs of nearly equal length. Throws if there are fewer leaves than ranks.
  public init(leaves: Int, ranks: Int) throws(CollectivesError) {
    precondition(leaves > 0 && ranks > 0, "A tree has leaves and ranks.")
    guard ranks <= leaves else {
      throw CollectivesError(
        "Could not share \(leaves) \(leaves == 1 ? "microbatch" : "microbatches") among \(ranks) ranks: every rank "
          + "needs at least one; start at most \(leaves) \(leaves == 1 ? "rank" : "ranks"), or make batch.microbatch "
          + "smaller or batch.global larger.")
    }
    leafCount = leaves
    if ranks.nonzeroBitCount == 1 {
      runs = Self.nodes(atDepth: ranks.trailingZeroBitCount, below: 0..<leaves)
    } else {
      runs = (0..<ranks).map { $0 * leaves / ranks..<($0 + 1) * leaves / ranks }
    }
  }

  /// All leaves.
  public var root: Range<Int> { 0..<leafCount }

  /// The two halves of a node of more than one leaf.
  public static func halves(of node: Range<Int>) -> (left: Range<Int>, right: Range<Int>) {
    let middle = node.lowerBound + node.count / 2
    return (node.lowerBound..<middle, middle..<node.upperBound)
  }

  /// The largest nodes all of whose leaves belong to `ranks`, from left to right.
  ///
  /// These are the sums that `ranks` can form among themselves.
  public func maximalNodes(of ranks: some Collection<Int>) -> [Range<Int>] {
    var owned = [Bool](repeating: false, count: leafCount)
    for rank in ranks {
      for leaf in runs[rank] { owned[leaf] = true }
    }
    var result: [Range<Int>] = []
    func visit(_ node: Range<Int>) {
      if node.allSatisfy({ owned[$0] }) {
        result.append(node)
      } else if node.count > 1 {
        let (left, right) = Self.halves(of: node)
        visit(left)
        visit(right)
      }
    }
    visit(root)
    return result
  }

  private static func nodes(atDepth depth: Int, below node: Range<Int>) -> [Range<Int>] {
    guard depth > 0 else { return [node] }
    let (left, right) = halves(of: node)
    return nodes(atDepth: depth - 1, below: left) + nodes(atDepth: depth - 1, below: right)
  }
}
