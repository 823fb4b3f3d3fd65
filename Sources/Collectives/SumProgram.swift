/// How one node of the tree is computed from other nodes: additions in the order in which they are performed.
public struct SumProgram: Hashable, Sendable {
  /// A summand: a given node, or a temporary that an earlier step has filled.
  public enum Term: Hashable, Sendable {
    case input(Int)
    case temporary(Int)
  }

  /// `left + right` into a temporary, or into the result in the last step.
  public struct Step: Hashable, Sendable {
    public let left: Term
    public let right: Term
    public fileprivate(set) var result: Int?
  }

  /// The nodes it needs, from left to right.
  public private(set) var inputs: [Range<Int>] = []
  /// None if the node is itself the only input.
  public private(set) var steps: [Step] = []
  /// The number of temporaries needed.
  public private(set) var temporaryCount = 0

  private var freeTemporaries: Set<Int> = []

  /// The program that computes `node`; `given` nodes are disjoint and cover it.
  public init(summing node: Range<Int>, from given: Set<Range<Int>>) {
    _ = sum(node, from: given)
    if !steps.isEmpty { steps[steps.count - 1].result = nil }
    temporaryCount = 1 + (steps.compactMap(\.result).max() ?? -1)
  }

  private mutating func sum(_ node: Range<Int>, from given: Set<Range<Int>>) -> Term {
    if given.contains(node) {
      inputs.append(node)
      return .input(inputs.count - 1)
    }
    precondition(node.count > 1, "The nodes given do not cover leaf \(node.lowerBound).")
    let (left, right) = ReductionTree.halves(of: node)
    let leftTerm = sum(left, from: given)
    let rightTerm = sum(right, from: given)
    for case .temporary(let index) in [leftTerm, rightTerm] { freeTemporaries.insert(index) }
    let result = takeTemporary()
    steps.append(Step(left: leftTerm, right: rightTerm, result: result))
    return .temporary(result)
  }

  private mutating func takeTemporary() -> Int {
    if let index = freeTemporaries.min() {
      freeTemporaries.remove(index)
      return index
    }
    temporaryCount += 1
    return temporaryCount - 1
  }
}
