import MessagePassing

/// One bucket on its way through a step, as one rank sees it.
///
/// The rank owns one piece of the bucket: it sums that piece over all ranks and writes new values from the sum. For
/// ranks of other nodes that it serves, it also sends sums of its node's gradients and takes in new values.
final class BucketExchange {
  /// How far the bucket is.
  enum Stage {
    /// Some rank of this node still computes gradients of it.
    case collecting
    /// Sums of other nodes are on their way.
    case receiving
    /// The owned piece is summed; its new values are not written yet.
    case updating
    /// The owned piece has new values; messages are still in flight.
    case sending
    case done
  }

  /// The vectors that all buckets share.
  struct Vectors {
    /// The partial sums of this node's ranks: their buffers' starts.
    let partials: [Range<Int>: UnsafePointer<Float>]
    /// The node's values.
    let values: UnsafeMutablePointer<Float>
    let rank: Int
    let cut: ShardCut
    let routes: NodeRoutes
    /// How the root is summed from partials of this node's ranks and of other nodes.
    let program: SumProgram
  }

  private struct Message {
    let rank: Int
    let floats: UnsafeMutableBufferPointer<Float>
  }

  private struct Partial {
    let sum: PlannedSum?
    let message: Message
  }

  /// The piece that this rank owns.
  let owned: Range<Int>
  /// Its sum over all leaves, once `sum` has returned true.
  let result: UnsafeMutablePointer<Float>
  private(set) var stage = Stage.done
  /// The floats of scratch memory that `sum` needs.
  let scratchCount: Int

  private let tag: Int
  private let sum: PlannedSum?
  private let outgoingPartials: [Partial]
  private let incomingPartials: [Message]
  private let outgoingValues: [Message]
  private let incomingValues: [Message]
  private let staging: UnsafeMutableBufferPointer<Float>
  private var arriving = RequestSet()
  private var others = RequestSet()

  /// Plans the exchange of `range`, the bucket number `index`.
  ///
  /// The sum of the owned piece goes to `output`, in the coordinates of the arena.
  init(index: Int, range: Range<Int>, output: UnsafeMutablePointer<Float>, vectors: Vectors) {
    let routes = vectors.routes
    func piece(_ owner: Int) -> Range<Int> { vectors.cut.piece(of: range, owner: owner) }
    func values(_ rank: Int, of owner: Int) -> Message {
      let piece = piece(owner)
      return Message(rank: rank, floats: .init(start: vectors.values + piece.lowerBound, count: piece.count))
    }
    let owned = piece(vectors.rank)
    let servers = owned.isEmpty ? [] : routes.servers
    let served = routes.served.filter { !piece($0).isEmpty }
    var staging = Staging(
      count: owned.count * servers.reduce(0) { $0 + $1.partials.count }
        + routes.ownPartials.count * served.reduce(0) { $0 + piece($1).count })

    var sources = vectors.partials.mapValues { $0 + owned.lowerBound }
    var incomingPartials: [Message] = []
    for server in servers {
      for node in server.partials {
        let floats = staging.take(owned.count)
        incomingPartials.append(Message(rank: server.rank, floats: floats))
        sources[node] = floats.baseAddress.map { UnsafePointer($0) }
      }
    }
    sum =
      owned.isEmpty
      ? nil
      : PlannedSum(
        vectors.program, inputs: vectors.program.inputs.compactMap { sources[$0] },
        output: output + owned.lowerBound, count: owned.count)
    outgoingPartials = served.flatMap { owner in
      routes.ownPartials.map {
        Self.outgoing($0, piece: piece(owner), to: owner, vectors: vectors, staging: &staging)
      }
    }
    self.incomingPartials = incomingPartials
    outgoingValues = servers.map { values($0.rank, of: vectors.rank) }
    incomingValues = served.map { values($0, of: $0) }
    scratchCount = max(sum?.scratchCount ?? 0, outgoingPartials.map { $0.sum?.scratchCount ?? 0 }.max() ?? 0)
    self.owned = owned
    self.staging = staging.memory
    result = output + owned.lowerBound
    tag = index * 2
  }

  /// The sum of this node's share of `node` over `piece`: sent from where it lies if one rank has it all.
  private static func outgoing(
    _ node: Range<Int>, piece: Range<Int>, to rank: Int, vectors: Vectors, staging: inout Staging
  ) -> Partial {
    if let partial = vectors.partials[node] {
      let floats = UnsafeMutablePointer(mutating: partial + piece.lowerBound)
      return Partial(sum: nil, message: Message(rank: rank, floats: .init(start: floats, count: piece.count)))
    }
    let program = SumProgram(summing: node, from: Set(vectors.partials.keys))
    let floats = staging.take(piece.count)
    guard let output = floats.baseAddress else { preconditionFailure("Pieces that travel are not empty.") }
    let sum = PlannedSum(
      program, inputs: program.inputs.compactMap { vectors.partials[$0].map { $0 + piece.lowerBound } },
      output: output, count: piece.count)
    return Partial(sum: sum, message: Message(rank: rank, floats: floats))
  }

  /// Opens the bucket for a new step.
  func begin(_ world: borrowing Communicator) throws(MessagePassingError) {
    precondition(stage == .done, "A step began before the one before it had finished.")
    for message in incomingPartials {
      try arriving.insert(world.startReceive(into: message.floats, from: message.rank, tag: tag))
    }
    stage = .collecting
  }

  /// Sums what this node has, and the owned piece once the other nodes' sums are here.
  ///
  /// All ranks of this node have completed the bucket. Returns whether `result` is there now; the caller then writes
  /// new values of the owned piece and calls `sendValues`.
  func sum(
    _ world: borrowing Communicator, scratch: UnsafeMutablePointer<Float>
  ) throws(MessagePassingError) -> Bool {
    if stage == .collecting {
      for partial in outgoingPartials {
        partial.sum?.run(scratch: scratch)
        try others.insert(world.startSend(.init(partial.message.floats), to: partial.message.rank, tag: tag))
      }
      for message in incomingValues {
        try others.insert(world.startReceive(into: message.floats, from: message.rank, tag: tag + 1))
      }
      stage = .receiving
    }
    guard stage == .receiving, try arriving.isComplete() else { return false }
    sum?.run(scratch: scratch)
    stage = .updating
    return true
  }

  /// Starts to give the new values of the owned piece to the other nodes.
  func sendValues(_ world: borrowing Communicator) throws(MessagePassingError) {
    precondition(stage == .updating, "Values were sent before they were new.")
    for message in outgoingValues {
      try others.insert(world.startSend(.init(message.floats), to: message.rank, tag: tag + 1))
    }
    stage = .sending
  }

  /// Starts to give the owned piece of the values as it is to the other nodes, and to take in theirs. Between steps.
  func share(_ world: borrowing Communicator, _ requests: inout RequestSet) throws(MessagePassingError) {
    precondition(stage == .done, "Values cannot be shared within a step.")
    for message in incomingValues {
      try requests.insert(world.startReceive(into: message.floats, from: message.rank, tag: tag + 1))
    }
    for message in outgoingValues {
      try requests.insert(world.startSend(.init(message.floats), to: message.rank, tag: tag + 1))
    }
  }

  /// Looks whether all messages have arrived.
  ///
  /// Returns whether the bucket is done now.
  func complete() throws(MessagePassingError) -> Bool {
    guard stage == .sending, try others.isComplete() else { return false }
    stage = .done
    return true
  }

  deinit {
    // On the way out of a failed run MPI may still write here, so the memory stays.
    if arriving.isEmpty && others.isEmpty { staging.deallocate() }
    arriving.abandon()
    others.abandon()
  }
}

/// Memory for messages, handed out piece by piece.
private struct Staging {
  let memory: UnsafeMutableBufferPointer<Float>
  private var used = 0

  init(count: Int) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: 0)
  }

  mutating func take(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    defer { used += count }
    return UnsafeMutableBufferPointer(rebasing: memory[used..<used + count])
  }
}
