/// What one rank does with its leaves: into which gradient buffer each goes, and which buffers are added when.
///
/// Leaves are taken in order. What remains are the rank's partial sums, the largest nodes of the tree that it can form
/// alone.
public struct LocalProgram: Hashable, Sendable {
  /// One leaf.
  public struct Step: Hashable, Sendable {
    /// The leaf's number in the tree, which is the microbatch's number in the global batch.
    public let leaf: Int
    /// The gradient buffer that its gradient is computed into.
    public let buffer: Int
    /// The additions to perform, in order, once the leaf is there.
    public fileprivate(set) var additions: [Addition]
  }

  /// Adds buffer `from` to buffer `into`.
  public struct Addition: Hashable, Sendable {
    public let into: Int
    public let from: Int
  }

  /// A node of the tree that this rank sums alone, and the buffer that holds it in the end.
  public struct Partial: Hashable, Sendable {
    public let node: Range<Int>
    public let buffer: Int
  }

  public private(set) var steps: [Step] = []
  public private(set) var partials: [Partial] = []
  /// The number of gradient buffers needed.
  public private(set) var bufferCount = 0

  private var freeBuffers: Set<Int> = []

  /// The program of `rank` in `tree`.
  public init(of rank: Int, in tree: ReductionTree) {
    for node in tree.maximalNodes(of: [rank]) {
      let buffer = sum(node)
      partials.append(Partial(node: node, buffer: buffer))
    }
  }

  /// Appends what sums `node`, and returns the buffer with the sum.
  private mutating func sum(_ node: Range<Int>) -> Int {
    guard node.count > 1 else {
      let buffer = takeBuffer()
      steps.append(Step(leaf: node.lowerBound, buffer: buffer, additions: []))
      return buffer
    }
    let (left, right) = ReductionTree.halves(of: node)
    let into = sum(left)
    let from = sum(right)
    steps[steps.count - 1].additions.append(Addition(into: into, from: from))
    freeBuffers.insert(from)
    return into
  }

  private mutating func takeBuffer() -> Int {
    if let buffer = freeBuffers.min() {
      freeBuffers.remove(buffer)
      return buffer
    }
    bufferCount += 1
    return bufferCount - 1
  }
}
