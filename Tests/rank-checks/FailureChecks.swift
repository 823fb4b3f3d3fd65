import Collectives
import MessagePassing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `abort RANK CODE barrier|finish|sleep`: one rank fails in the middle of a step while the others wait as named.
func checkAbort(_ world: borrowing Communicator, _ arguments: [String]) throws {
  guard arguments.count == 3, let rank = Int(arguments[0]), let code = Int(arguments[1]) else {
    throw CheckFailure(description: "usage: abort RANK CODE barrier|finish|sleep", exitCode: 64)
  }
  let tree = try ReductionTree(leaves: world.size, ranks: world.size)
  let exchange = try GradientExchange(
    world: world, tree: tree, parameterCount: 100, replicatedCount: 1, buckets: [0..<100])
  try exchange.beginStep()
  if world.rank == rank {
    usleep(200_000)
    throw CheckFailure(description: "rank \(rank) was told to fail", exitCode: code)
  }
  switch arguments[2] {
  case "barrier": try world.barrier()
  case "finish":
    exchange.complete(bucket: 0)
    exchange.completeReplicated()
    try exchange.finish { _, _ in }
  default: sleep(600)
  }
}

/// Ranks that give different sizes are told so.
func checkDisagreement(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let tree = try ReductionTree(leaves: world.size, ranks: world.size)
  let count = world.rank == 1 ? 99 : 100
  _ = try GradientExchange(
    world: world, tree: tree, parameterCount: count, replicatedCount: 0, buckets: [0..<count])
}
