public import MessagePassing

/// Sums gradients over all leaves of all ranks while backward still runs, and gives every rank the new weights.
///
/// Owns the arenas: one copy of the weights per node, and every rank's gradient buffers, all in shared memory. A bucket
/// is a range of the gradient arena that backward completes at once. When all ranks have completed it, each sums the
/// piece it owns, reading its peers' buffers where they lie, and writes that piece's new weights in place: no rank
/// needs the old ones any more. Between nodes, sums and new weights travel as messages. The sum is that of
/// `ReductionTree`: the same bits for any number of ranks and nodes.
///
/// Where new weights depend on all of the gradient (`holdsPieces`), pieces wait, summed, until all are; `finish` then
/// asks for all new weights at once. Sums over parts of the arena do not depend on the number of ranks if no part lies
/// across a multiple of `grain`: each is then summed by one rank, and `sumOverRanks` adds zeros.
///
/// Each gradient buffer has a tail of values that every rank wants summed (loss, batch-norm statistics, flags).
///
/// A step: `beginStep`; for every step of `program` compute a leaf into its buffer; `leafFinished` after each but the
/// last; during the backward of the last, `complete(bucket:)` in order and `progress` as often as wanted;
/// `completeReplicated`; `finish`. All calls come from the thread that opened the MPI session.
public final class GradientExchange {
  /// The order in which all leaves are added.
  public let tree: ReductionTree
  /// What this rank does with its leaves.
  public let program: LocalProgram
  /// The length of the weights, and of the gradients at the start of every buffer.
  public let parameterCount: Int
  /// The length of the tail behind them.
  public let replicatedCount: Int
  /// Ranges of the gradient arena in the order in which backward completes them.
  public let buckets: [Range<Int>]
  /// The pieces that this rank owns, one per bucket, possibly empty: it alone updates these weights.
  public let ownedRanges: [Range<Int>]
  /// Whether new weights are written by the whole at the end of a step, not piece by piece.
  public let holdsPieces: Bool
  /// What the time since the start went to.
  public internal(set) var time = ExchangeTime()

  let world: Communicator
  let arenas: SharedArenas
  let exchanges: [BucketExchange]
  let replicated: BucketExchange
  let lastAdditions: [LocalProgram.Addition]
  let scratch: UnsafeMutablePointer<Float>
  let localSize: Int
  let cut: ShardCut
  /// Spent in `sumOverRanks`.
  var reducing = Duration.zero
  /// Where this rank is in its step.
  var position = StepPosition()

  /// The node's weights.
  ///
  /// Zero at first; see `shareWeights`.
  public var weights: UnsafeMutablePointer<Float> { arenas.values }

  /// The summed tails: valid from `finish` until this rank's next `completeReplicated`.
  public var sums: UnsafePointer<Float> { UnsafePointer(arenas.values + parameterCount) }

  /// One of this rank's gradient buffers: `parameterCount` gradients, then `replicatedCount` other values.
  public func gradients(_ buffer: Int) -> UnsafeMutablePointer<Float> {
    arenas.gradients(buffer, of: world.localRank)
  }

  /// Makes the arenas.
  ///
  /// Collective; all ranks give the same sizes, and buckets that together cover the parameters.
  ///
  /// Throws if ranks do not agree, or if memory cannot be shared.
  public init(
    world: borrowing Communicator, tree: ReductionTree, parameterCount: Int, replicatedCount: Int,
    buckets: [Range<Int>], grain: Int = 16, holdsPieces: Bool = false
  ) throws {
    precondition(grain > 0 && grain.isMultiple(of: 16), "Cuts lie on whole cache lines.")
    precondition(tree.rankCount == world.size, "The tree is for \(tree.rankCount) ranks, not for \(world.size).")
    Self.checkCover(buckets, parameterCount: parameterCount)
    precondition(replicatedCount >= 0 && 2 * buckets.count + 1 < Communicator.tagLimit, "There are too many buckets.")
    try Self.checkAgreement(on: [tree.leafCount, parameterCount, replicatedCount, grain], buckets: buckets, world)
    let program = LocalProgram(of: world.rank, in: tree)
    let duplicate = try world.duplicate()
    let arenas = try SharedArenas(
      on: duplicate, floats: parameterCount + replicatedCount, buffers: program.bufferCount)
    let cut = ShardCut(ranks: world.size, grain: grain)
    let vectors = Self.vectors(tree: tree, world: duplicate, arenas: arenas, cut: cut)
    let ownSum = arenas.gradients(program.partials[0].buffer, of: world.localRank)
    exchanges = buckets.enumerated().map { index, range in
      BucketExchange(index: index, range: range, output: ownSum, vectors: vectors)
    }
    let tail = parameterCount..<parameterCount + replicatedCount
    replicated = BucketExchange(index: buckets.count, range: tail, output: arenas.values, vectors: vectors)
    ownedRanges = exchanges.map(\.owned)
    scratch = .allocate(capacity: (exchanges + [replicated]).map(\.scratchCount).max() ?? 0)
    lastAdditions = program.steps.last?.additions ?? []
    localSize = world.localSize
    self.holdsPieces = holdsPieces
    self.cut = cut
    self.world = duplicate
    self.arenas = arenas
    self.tree = tree
    self.program = program
    self.parameterCount = parameterCount
    self.replicatedCount = replicatedCount
    self.buckets = buckets
  }

  deinit { scratch.deallocate() }

  private static func vectors(
    tree: ReductionTree, world: borrowing Communicator, arenas: borrowing SharedArenas, cut: ShardCut
  ) -> BucketExchange.Vectors {
    var partials: [Range<Int>: UnsafePointer<Float>] = [:]
    for (localRank, rank) in world.topology.nodes[world.node].enumerated() {
      for partial in LocalProgram(of: rank, in: tree).partials {
        partials[partial.node] = UnsafePointer(arenas.gradients(partial.buffer, of: localRank))
      }
    }
    let routes = NodeRoutes(of: world.rank, in: world.topology, tree: tree)
    let given = Set(partials.keys).union(routes.servers.flatMap(\.partials))
    return BucketExchange.Vectors(
      partials: partials, values: arenas.values, rank: world.rank, cut: cut, routes: routes,
      program: SumProgram(summing: tree.root, from: given))
  }

  private static func checkCover(_ buckets: [Range<Int>], parameterCount: Int) {
    var end = 0
    for bucket in buckets.sorted(by: { $0.lowerBound < $1.lowerBound }) where !bucket.isEmpty {
      precondition(bucket.lowerBound == end, "Buckets overlap or leave a gap at parameter \(end).")
      end = bucket.upperBound
    }
    precondition(end == parameterCount, "Buckets cover \(end) of \(parameterCount) parameters.")
  }

  private static func checkAgreement(
    on sizes: [Int], buckets: [Range<Int>], _ world: borrowing Communicator
  ) throws {
    // FNV-1a over everything that all ranks must have in common.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for value in sizes + buckets.flatMap({ [$0.lowerBound, $0.upperBound] }) {
      hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0x100_0000_01B3
    }
    let mine = Int(truncatingIfNeeded: hash >> 1)
    let hashes = try world.gatherEverywhere(mine)
    guard let other = hashes.firstIndex(where: { $0 != mine }) else { return }
    throw CollectivesError(
      "Could not prepare the sum of gradients: rank \(other) has other microbatches, parameters or buckets than rank "
        + "\(world.rank); start all ranks with the same program and the same configuration.")
  }
}
