import Collectives
import MessagePassing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The number of allocations of this process so far, by a preloaded library that exports `allocations`.
private func makeAllocationCounter() throws -> () -> Int {
  guard let symbol = dlsym(nil, "allocations") else {
    throw CheckFailure(description: "preload a library that exports `long allocations(void)`", exitCode: 64)
  }
  let function = unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)
  return { function() }
}

/// Steps of one node allocate nothing.
func checkAllocations(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let tree = try ReductionTree(leaves: 7, ranks: world.size)
  let exchange = try GradientExchange(
    world: world, tree: tree, parameterCount: 5000, replicatedCount: 10, buckets: [3000..<5000, 0..<3000])
  let allocations = try makeAllocationCounter()
  try require(allocations() > 0, "allocations are not counted")
  let weights = exchange.weights
  let update: GradientExchange.Update = { range, sums in weights[range.lowerBound] -= sums[0] }
  var before = 0
  for step in 0..<5 {
    if step == 1 { before = allocations() }
    try exchange.beginStep()
    for index in 0..<exchange.program.steps.count - 1 { exchange.leafFinished(index) }
    exchange.completeReplicated()
    for bucket in exchange.buckets.indices {
      exchange.complete(bucket: bucket)
      try exchange.progress(update)
    }
    try exchange.finish(update)
  }
  let count = allocations() - before
  try require(count == 0, "four steps allocated \(count) times")
}
