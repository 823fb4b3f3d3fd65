import Collectives
import MessagePassing
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs an `ExchangeCase` on all ranks; every rank compares the bits of its node's weights and tails with the serial
/// run, and rank 0 prints their hash.
func checkExchange(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let run = try ExchangeCase(arguments)
  let tree = try ReductionTree(leaves: run.leaves, ranks: world.size)
  let exchange = try GradientExchange(
    world: world, tree: tree, parameterCount: run.parameters, replicatedCount: run.replicated, buckets: run.buckets,
    grain: run.grain, holdsPieces: run.isHeld)
  if world.rank == 0 {
    for index in 0..<run.parameters { exchange.weights[index] = Float(index % 13) - 6 }
  }
  try exchange.shareWeights()
  var pauses = RandomStream(seed: UInt64(world.rank), purpose: .test)
  for step in 0..<run.steps { try train(run, step, exchange, &pauses) }
  let expected = run.serialResult()
  for (index, value) in expected.enumerated() {
    let got = exchange.weights[index]
    try require(
      got.bitPattern == value.bitPattern, "value \(index) of \(expected.count) is \(got), and \(value) in a serial run")
  }
  try world.barrier()
  if world.rank == 0 { print("hash \(hash(expected))") }
}

/// One step as a training loop performs it.
private func train(
  _ run: ExchangeCase, _ step: Int, _ exchange: GradientExchange, _ pauses: inout RandomStream
) throws {
  func pause() {
    if run.isLate, pauses.next(below: 4) == 0 { usleep(UInt32(pauses.next(below: 3000))) }
  }
  let weights = exchange.weights
  let parts = run.parts
  let squares = UnsafeMutableBufferPointer<Double>.allocate(capacity: parts.count)
  defer { squares.deallocate() }
  squares.initialize(repeating: 0)
  let arena = exchange.gradients(exchange.program.partials[0].buffer)
  let update: GradientExchange.Update = { range, sums in
    if run.isHeld {
      // Only measured, part by part; the sums lie where the arena's buffer has them.
      for (number, part) in parts.enumerated() where range.overlaps(part) {
        squares[number] = ExchangeCase.squares(part, of: sums - range.lowerBound)
      }
    } else {
      for (offset, index) in range.enumerated() { ExchangeCase.update(&weights[index], sums[offset]) }
    }
  }
  let whole: GradientExchange.WholeUpdate = { () throws(MessagePassingError) in
    try exchange.sumOverRanks(squares)
    let scale = run.scale(squares)
    for index in exchange.ownedRanges.joined() { ExchangeCase.update(&weights[index], arena[index] * scale) }
  }
  let total = run.parameters + run.replicated
  try exchange.beginStep()
  for (index, leaf) in exchange.program.steps.enumerated() {
    let gradients = exchange.gradients(leaf.buffer)
    pause()
    guard index == exchange.program.steps.count - 1 else {
      run.fill(gradients, 0..<total, step: step, leaf: leaf.leaf, weights: weights)
      exchange.leafFinished(index)
      continue
    }
    run.fill(gradients, run.parameters..<total, step: step, leaf: leaf.leaf, weights: weights)
    let tailComesFirst = step % 2 == 0
    if tailComesFirst { exchange.completeReplicated() }
    for (bucket, range) in exchange.buckets.enumerated() {
      run.fill(gradients, range, step: step, leaf: leaf.leaf, weights: weights)
      pause()
      exchange.complete(bucket: bucket)
      try exchange.progress(update)
    }
    if !tailComesFirst { exchange.completeReplicated() }
  }
  pause()
  try exchange.finish(update, whole: whole)
  pause()
}

private func hash(_ values: [Float]) -> UInt64 {
  values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
}

/// Weights reach every node; owned ranges make a whole on the root.
func checkSharing(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let count = 1000
  let tree = try ReductionTree(leaves: world.size, ranks: world.size)
  let exchange = try GradientExchange(
    world: world, tree: tree, parameterCount: count, replicatedCount: 0, buckets: [500..<count, 100..<500, 0..<100])
  let root = world.size - 1
  if world.rank == root {
    for index in 0..<count { exchange.weights[index] = Float(index) + 0.5 }
  }
  try exchange.shareWeights(from: root)
  try require((0..<count).allSatisfy { exchange.weights[$0] == Float($0) + 0.5 }, "weights did not arrive")
  let other = UnsafeMutablePointer<Float>.allocate(capacity: count)
  defer { other.deallocate() }
  // What this rank does not own is garbage, and nobody may see it.
  other.initialize(repeating: .nan, count: count)
  for index in exchange.ownedRanges.joined() { other[index] = -Float(index) }
  try exchange.swapOwned(other)
  try require((0..<count).allSatisfy { exchange.weights[$0] == -Float($0) }, "other weights did not come everywhere")
  try exchange.swapOwned(other)
  try require((0..<count).allSatisfy { exchange.weights[$0] == Float($0) + 0.5 }, "weights did not come back")
  let state = UnsafeMutablePointer<Float>.allocate(capacity: count)
  defer { state.deallocate() }
  state.initialize(repeating: -1, count: count)
  for range in exchange.ownedRanges {
    for index in range { state[index] = Float(index * 3) }
  }
  try exchange.gatherOwned(state, on: root)
  let isWhole = (0..<count).allSatisfy { state[$0] == Float($0 * 3) }
  try require(isWhole == (world.rank == root || world.size == 1), "owned ranges were not gathered on the root alone")
}

/// `exchange-time FLOATS STEPS`: prints how long the sum and the update of so many gradients take, and where the time
/// goes.
func checkExchangeTime(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let numbers = arguments.compactMap { Int($0) }
  guard numbers.count == 2 else {
    throw CheckFailure(description: "usage: exchange-time FLOATS STEPS", exitCode: 64)
  }
  let tree = try ReductionTree(leaves: world.size, ranks: world.size)
  let count = numbers[0]
  let bucket = 1 << 20
  let buckets = stride(from: 0, to: count, by: bucket).map { $0..<min($0 + bucket, count) }
  let exchange = try GradientExchange(
    world: world, tree: tree, parameterCount: count, replicatedCount: 0, buckets: buckets)
  for step in 0..<numbers[1] {
    for index in 0..<count { exchange.gradients(0)[index] = Float(index & 7) }
    try exchange.beginStep()
    exchange.completeReplicated()
    try world.barrier()
    let before = exchange.time
    let start = ContinuousClock.now
    for bucket in exchange.buckets.indices { exchange.complete(bucket: bucket) }
    try exchange.finish { _, _ in }
    let total = ContinuousClock.now - start
    for range in exchange.ownedRanges {
      let isRight = range.allSatisfy { exchange.gradients(0)[$0] == Float(world.size * ($0 & 7)) }
      try require(isRight, "the sum over \(range) is wrong")
    }
    if world.rank == 0 {
      let summing = exchange.time.summing - before.summing
      print("step \(step): \(total), summing \(summing), waiting \(exchange.time.waiting - before.waiting)")
    }
  }
  try timePlainSums(of: count / world.size, world)
}

/// What the memory itself allows: every rank adds two vectors of its own, as long as its share, into the first.
private func timePlainSums(of count: Int, _ world: borrowing Communicator) throws {
  let vectors = (0..<2).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: count) }
  defer { vectors.forEach { $0.deallocate() } }
  for vector in vectors { vector.initialize(repeating: 1, count: count) }
  for _ in 0..<4 {
    try world.barrier()
    let start = ContinuousClock.now
    VectorSum.store(vectors[0], vectors[1], into: vectors[0], count: count)
    let duration = ContinuousClock.now - start
    if world.rank == 0 { print("plain sum of \(count) floats: \(duration)") }
  }
}
