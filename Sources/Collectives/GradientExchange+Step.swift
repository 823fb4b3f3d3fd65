public import MessagePassing

// Loops run over indices, because iterating over elements allocates in debug builds, where tests count allocations.

extension GradientExchange {
  /// Writes the new weights of a range of the arena.
  ///
  /// `sums` points at the summed gradient of the first of them. The update may write to the sums.
  public typealias Update = (_ range: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void

  /// Writes the new weights of all ranges that this rank owns, from the sums that an `Update` was told of. It may call
  /// `sumOverRanks`: all ranks do at once.
  public typealias WholeUpdate = () throws(MessagePassingError) -> Void

  /// Opens a step: from here on gradient buffers may be written.
  public func beginStep() throws(MessagePassingError) {
    precondition(!position.isOpen, "A step began before the one before it had finished.")
    position = StepPosition(step: position.step + 1, isOpen: true)
    for index in exchanges.indices { try exchanges[index].begin(world) }
    try replicated.begin(world)
  }

  /// Performs the additions that follow leaf `index` of `program.steps`, which is complete, and not the last.
  public func leafFinished(_ index: Int) {
    precondition(position.isOpen && index == position.leavesFinished, "Leaf \(index) finished out of order.")
    precondition(index < program.steps.count - 1, "The last leaf finishes bucket by bucket.")
    position.leavesFinished += 1
    add(program.steps[index].additions, 0..<parameterCount + replicatedCount)
  }

  /// Says that the last leaf's gradients of a bucket are complete.
  ///
  /// Buckets complete in order.
  public func complete(bucket: Int) {
    precondition(bucket == position.bucketsCompleted, "Bucket \(bucket) completed out of order.")
    precondition(isInLastLeaf, "A bucket completed before the last leaf.")
    position.bucketsCompleted += 1
    add(lastAdditions, buckets[bucket])
    arenas.counter(.buckets, of: world.localRank).store(
      (position.step - 1) * buckets.count + position.bucketsCompleted)
  }

  /// Says that the last leaf's tail is complete.
  ///
  /// It may come before, between or after the buckets.
  public func completeReplicated() {
    precondition(!position.replicatedIsComplete, "The replicated tail completed twice.")
    precondition(isInLastLeaf, "The replicated tail completed before the last leaf.")
    position.replicatedIsComplete = true
    add(lastAdditions, parameterCount..<parameterCount + replicatedCount)
    arenas.counter(.replicated, of: world.localRank).store(position.step)
  }

  /// Does what can be done without waiting: sums and updates the owned pieces of buckets that all ranks have completed.
  ///
  /// Where pieces are held, `update` is only told of them, and must leave the weights as they are.
  ///
  /// Returns whether anything moved on.
  @discardableResult
  public func progress(_ update: Update) throws(MessagePassingError) -> Bool {
    guard position.isOpen else { return false }
    noteCollected()
    var moved = false
    if position.replicatedIsCollected, replicated.stage != .done { moved = try advance(replicated) { _, _ in } }
    for index in position.firstOpenBucket..<position.bucketsCollected where exchanges[index].stage != .done {
      if try advance(exchanges[index], update) { moved = true }
    }
    while position.firstOpenBucket < position.bucketsCollected, exchanges[position.firstOpenBucket].stage == .done {
      position.firstOpenBucket += 1
    }
    return moved
  }

  /// Waits until all weights of this node are new, `sums` holds the summed tails, and no rank reads this rank's
  /// buffers any more.
  ///
  /// Where pieces are held, calls `whole` once all of them are summed.
  public func finish(_ update: Update, whole: WholeUpdate = {}) throws(MessagePassingError) {
    precondition(
      position.isOpen && position.bucketsCompleted == buckets.count && position.replicatedIsComplete,
      "A step finished before all its buckets and its replicated tail were complete.")
    let start = ContinuousClock.now
    let worked = time.summing + time.updating
    if holdsPieces { try updateWhole(update, whole) }
    var backoff = Backoff(mayNap: false)
    while position.firstOpenBucket < buckets.count || replicated.stage != .done {
      if try progress(update) {
        backoff = Backoff(mayNap: false)
      } else {
        backoff.pause()
      }
    }
    arenas.counter(.finished, of: world.localRank).store(position.step)
    for peer in 0..<localSize {
      while arenas.counter(.finished, of: peer).load() < position.step {
        // A message that MPI has buffered leaves only while someone polls.
        if world.nodeCount > 1 { try world.poll() }
        backoff.pause()
      }
    }
    position.isOpen = false
    time.waiting += (ContinuousClock.now - start) - (time.summing + time.updating - worked)
  }

  /// Waits until all pieces are summed, has all new weights written, and sends them on their way.
  private func updateWhole(_ update: Update, _ whole: WholeUpdate) throws(MessagePassingError) {
    var backoff = Backoff(mayNap: false)
    while !allPiecesAreSummed {
      if try progress(update) {
        backoff = Backoff(mayNap: false)
      } else {
        backoff.pause()
      }
    }
    let start = ContinuousClock.now
    let reduced = reducing
    try whole()
    time.updating += ContinuousClock.now - start - (reducing - reduced)
    for index in exchanges.indices { try exchanges[index].sendValues(world) }
  }

  /// What other ranks need of this one's gradients is then on its way, so all may wait for each other.
  private var allPiecesAreSummed: Bool {
    for index in exchanges.indices where exchanges[index].stage != .updating { return false }
    return true
  }

  private var isInLastLeaf: Bool { position.isOpen && position.leavesFinished == program.steps.count - 1 }

  /// Looks how many buckets all ranks of this node have completed.
  private func noteCollected() {
    var collected = position.bucketsCompleted
    var replicatedIsCollected = position.replicatedIsComplete
    for peer in 0..<localSize where peer != world.localRank {
      let completed = arenas.counter(.buckets, of: peer).load() - (position.step - 1) * buckets.count
      collected = min(collected, max(completed, 0))
      if replicatedIsCollected { replicatedIsCollected = arenas.counter(.replicated, of: peer).load() >= position.step }
    }
    position.bucketsCollected = collected
    position.replicatedIsCollected = replicatedIsCollected
  }

  /// Moves a bucket on as far as messages allow.
  private func advance(_ exchange: BucketExchange, _ update: Update) throws(MessagePassingError) -> Bool {
    let before = exchange.stage
    let start = ContinuousClock.now
    let isSummed = try exchange.sum(world, scratch: scratch)
    let end = ContinuousClock.now
    if exchange.stage != before { time.summing += end - start }
    if isSummed {
      if !exchange.owned.isEmpty {
        update(exchange.owned, exchange.result)
        time.updating += ContinuousClock.now - end
      }
      if !holdsPieces || exchange === replicated { try exchange.sendValues(world) }
    }
    _ = try exchange.complete()
    return exchange.stage != before
  }

  private func add(_ additions: [LocalProgram.Addition], _ range: Range<Int>) {
    guard !additions.isEmpty else { return }
    let start = ContinuousClock.now
    for index in additions.indices {
      let addition = additions[index]
      VectorSum.add(
        gradients(addition.from) + range.lowerBound, into: gradients(addition.into) + range.lowerBound,
        count: range.count)
    }
    time.summing += ContinuousClock.now - start
  }
}
