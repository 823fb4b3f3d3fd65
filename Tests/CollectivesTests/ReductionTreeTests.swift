import Collectives
import Tensors
import Testing

@Suite struct ReductionTreeTests {
  /// Leaves of widely different magnitudes, so that the order of additions shows in the bits.
  private func makeLeaves(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in
      Float(random.uniform(-1, 1)) * Float(sign: .plus, exponent: random.next(below: 30) - 15, significand: 1)
    }
  }

  /// The definition: node [lo, hi) is the sum of its halves.
  private func serialSum(_ leaves: ArraySlice<Float>) -> Float {
    guard leaves.count > 1 else { return leaves[leaves.startIndex] }
    let middle = leaves.startIndex + leaves.count / 2
    return serialSum(leaves[..<middle]) + serialSum(leaves[middle...])
  }

  /// Runs the local programs of all ranks: the value of every partial.
  private func runLocally(_ tree: ReductionTree, _ leaves: [Float]) -> [Range<Int>: Float] {
    var partials: [Range<Int>: Float] = [:]
    for rank in 0..<tree.rankCount {
      let program = LocalProgram(of: rank, in: tree)
      var buffers = [Float](repeating: .nan, count: program.bufferCount)
      for step in program.steps {
        buffers[step.buffer] = leaves[step.leaf]
        for addition in step.additions { buffers[addition.into] += buffers[addition.from] }
      }
      for partial in program.partials { partials[partial.node] = buffers[partial.buffer] }
    }
    return partials
  }

  private func evaluate(_ program: SumProgram, _ given: [Range<Int>: Float]) -> Float {
    let inputs = program.inputs.compactMap { given[$0] }
    guard !program.steps.isEmpty else { return inputs[0] }
    var temporaries = [Float](repeating: .nan, count: program.temporaryCount)
    func value(_ term: SumProgram.Term) -> Float {
      switch term {
      case .input(let index): inputs[index]
      case .temporary(let index): temporaries[index]
      }
    }
    for step in program.steps.dropLast() {
      if let result = step.result { temporaries[result] = value(step.left) + value(step.right) }
    }
    let last = program.steps[program.steps.count - 1]
    #expect(last.result == nil)
    return value(last.left) + value(last.right)
  }

  @Test(arguments: 1...40)
  func anyNumberOfRanksGivesTheBitsOfTheSerialSum(leafCount: Int) throws {
    for seed in UInt64(0)..<4 {
      let leaves = makeLeaves(leafCount, seed: seed)
      let expected = serialSum(leaves[...])
      for ranks in 1...leafCount {
        let tree = try ReductionTree(leaves: leafCount, ranks: ranks)
        let partials = runLocally(tree, leaves)
        let program = SumProgram(summing: tree.root, from: Set(partials.keys))
        #expect(evaluate(program, partials).bitPattern == expected.bitPattern, "\(ranks) ranks, seed \(seed)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5])
  func sumsOfNodesGiveTheBitsOfTheSerialSum(nodeCount: Int) throws {
    let leaves = makeLeaves(29, seed: 9)
    let expected = serialSum(leaves[...])
    for ranks in nodeCount...leaves.count {
      let tree = try ReductionTree(leaves: leaves.count, ranks: ranks)
      let partials = runLocally(tree, leaves)
      // Ranks are dealt to nodes in turn or in runs, as launchers do.
      for deal in [{ $0 % nodeCount }, { $0 * nodeCount / ranks }] {
        var sums: [Range<Int>: Float] = [:]
        for node in 0..<nodeCount {
          for partial in tree.maximalNodes(of: (0..<ranks).filter { deal($0) == node }) {
            sums[partial] = evaluate(SumProgram(summing: partial, from: Set(partials.keys)), partials)
          }
        }
        let root = SumProgram(summing: tree.root, from: Set(sums.keys))
        #expect(root.inputs.count == sums.count)
        #expect(evaluate(root, sums).bitPattern == expected.bitPattern, "\(ranks) ranks")
      }
    }
  }

  @Test(arguments: 1...40)
  func ranksOwnContiguousRunsThatCoverTheLeaves(leafCount: Int) throws {
    for ranks in 1...leafCount {
      let tree = try ReductionTree(leaves: leafCount, ranks: ranks)
      #expect(tree.rankCount == ranks)
      #expect(tree.runs.flatMap { Array($0) } == Array(0..<leafCount))
      #expect(tree.runs.allSatisfy { !$0.isEmpty })
      for rank in 0..<ranks {
        let program = LocalProgram(of: rank, in: tree)
        #expect(program.steps.map(\.leaf) == Array(tree.runs[rank]))
        #expect(program.partials.flatMap { Array($0.node) } == Array(tree.runs[rank]))
        if ranks.nonzeroBitCount == 1 { #expect(program.partials.count == 1) }
      }
    }
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (8, 4), (16, 5), (32, 6), (33, 7)])
  func aRankAloneNeedsOneBufferPerLevel(leafCount: Int, buffers: Int) throws {
    let tree = try ReductionTree(leaves: leafCount, ranks: 1)
    #expect(LocalProgram(of: 0, in: tree).bufferCount == buffers)
  }

  @Test func additionsFollowTheLeafThatCompletesANode() throws {
    let program = LocalProgram(of: 0, in: try ReductionTree(leaves: 4, ranks: 1))
    #expect(program.steps.map(\.buffer) == [0, 1, 1, 2])
    let additions = program.steps.map { $0.additions.map { [$0.into, $0.from] } }
    #expect(additions == [[], [[0, 1]], [], [[1, 2], [0, 1]]])
    #expect(program.partials.map(\.buffer) == [0])
  }

  @Test func moreRanksThanMicrobatchesIsRefused() throws {
    let error = #expect(throws: CollectivesError.self) { try ReductionTree(leaves: 3, ranks: 4) }
    let text = try #require(error).description
    #expect(text.contains("3 microbatches") && text.contains("4 ranks") && text.contains("at most 3 ranks"))
  }
}
