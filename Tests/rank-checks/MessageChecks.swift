import MessagePassing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Prints rank, size and topology in the order of ranks.
func checkPlace(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let node = "node \(world.node)/\(world.nodeCount) local \(world.localRank)/\(world.localSize)"
  let line = "\(world.rank)/\(world.size) \(node)"
  for line in try world.gather(Array(line.utf8)) { print(String(decoding: line, as: UTF8.self)) }
}

/// Broadcasts, reductions, gathers and barriers.
func checkCollectives(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let ranks = world.size
  for root in 0..<ranks {
    let bytes = (0..<1000 + root).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ root) }
    let got = try world.broadcast(world.rank == root ? bytes : [], from: root)
    try require(got == bytes, "broadcast from \(root) gave \(got.count) bytes")

    let mine = [UInt8](repeating: UInt8(world.rank), count: world.rank * 300)
    let parts = try world.gather(mine, to: root)
    let expected = (0..<ranks).map { [UInt8](repeating: UInt8($0), count: $0 * 300) }
    try require(parts == (world.rank == root ? expected : []), "gather to \(root)")
  }
  try require(try world.broadcast([]).isEmpty, "broadcast of nothing")
  let total = ranks * (ranks - 1) / 2
  try require(try world.sum([world.rank, 1]) == [total, ranks], "sum of integers")
  try require(try world.sum([Double(world.rank), 0.5]) == [Double(total), Double(ranks) / 2], "sum of doubles")
  try require(try world.maximum([world.rank, -world.rank]) == [ranks - 1, 0], "maximum of integers")
  try require(try world.maximum([-1.5 * Double(world.rank)]) == [0], "maximum of doubles")
  try require(try world.gatherEverywhere(world.rank * 3) == (0..<ranks).map { $0 * 3 }, "gather everywhere")
  if world.rank == ranks - 1 { usleep(50_000) }
  var polls = 0
  try world.barrier { polls += 1 }
  try require(ranks == 1 || world.rank == ranks - 1 || polls > 0, "a barrier that waited did not poll")
}

/// Messages in a ring: whole, empty, in pieces, and many at once.
func checkMessages(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let next = (world.rank + 1) % world.size
  let previous = (world.rank + world.size - 1) % world.size
  for count in [0, 1, 1000, 300_000] {
    let sent = (0..<count).map { Float($0 + world.rank) }
    let received = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    received.initialize(repeating: -1)
    defer { received.deallocate() }
    try sent.withUnsafeBufferPointer { sent in
      let receive = try world.startReceive(into: received, from: previous, tag: 7)
      let send = try world.startSend(sent, to: next, tag: 7)
      try receive.wait()
      try send.wait()
    }
    try require(received.elementsEqual((0..<count).map { Float($0 + previous) }), "\(count) floats arrived wrong")
  }
  try checkPieces(world, next: next, previous: previous)
}

/// Two messages of one tag, in pieces of 1000 bytes, the second not a multiple of it.
private func checkPieces(_ world: borrowing Communicator, next: Int, previous: Int) throws {
  let counts = [5000, 12_345]
  var requests = RequestSet()
  let memory = counts.map { _ in UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * 12_345, alignment: 16) }
  defer { memory.forEach { $0.deallocate() } }
  func byte(_ index: Int, _ count: Int, of rank: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: index &* 31 &+ count &+ rank)
  }
  for (memory, count) in zip(memory, counts) {
    for index in 0..<count { memory[index] = byte(index, count, of: world.rank) }
    let outgoing = UnsafeRawBufferPointer(rebasing: memory[..<count])
    let incoming = UnsafeMutableRawBufferPointer(rebasing: memory[count..<2 * count])
    try requests.insert(world.startReceive(bytes: incoming, from: previous, tag: 3, longestPiece: 1000))
    try requests.insert(world.startSend(bytes: outgoing, to: next, tag: 3, longestPiece: 1000))
  }
  try require(!requests.isEmpty, "requests were forgotten")
  try requests.wait()
  for (memory, count) in zip(memory, counts) {
    let isRight = (0..<count).allSatisfy { memory[count + $0] == byte($0, count, of: previous) }
    try require(isRight, "\(count) bytes in pieces arrived wrong")
  }
}

/// A message shorter than expected is an error, not a stale tail.
func checkShortMessage(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 8)
  floats.initialize(repeating: 0)
  if world.rank == 0 {
    try world.startSend(UnsafeBufferPointer(rebasing: floats[..<4]), to: 1, tag: 0).wait()
    try world.barrier()
  } else {
    try world.startReceive(into: floats, from: 0, tag: 0).wait()
  }
}

/// Traps: nobody ever sends what is received here.
func checkDroppedRequest(_ world: borrowing Communicator, _ arguments: [String]) throws {
  let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: 8)
  if arguments.first == "set" {
    var requests = RequestSet()
    try requests.insert(world.startReceive(into: floats, from: world.rank, tag: 0))
  } else {
    _ = try world.startReceive(into: floats, from: world.rank, tag: 0)
  }
  print("still there")
}

/// Every rank sees every local rank's part; counters add up over processes.
func checkSharedMemory(_ world: borrowing Communicator, _ arguments: [String]) throws {
  func count(_ localRank: Int) -> Int { localRank == 1 ? 0 : 1000 + 17 * localRank }
  let memory = try SharedMemory(on: world, floats: count(world.localRank), counters: 2)
  let mine = memory.floats(of: world.localRank)
  try require(mine.count == count(world.localRank), "\(mine.count) floats")
  try require(mine.allSatisfy { $0 == 0 }, "shared memory was not zero")
  try require(Int(bitPattern: mine.baseAddress) % 64 == 0, "floats begin inside a cache line")
  for index in mine.indices { mine[index] = Float(world.rank * 10_000 + index) }
  for _ in 0..<1000 { memory.counter(0, of: 0).add(1) }
  try world.barrier()
  try require(memory.counter(0, of: 0).load() == 1000 * world.localSize, "increments were lost")
  try require(memory.counter(1, of: 0).load() == 0, "counters overlap")
  for (localRank, rank) in world.topology.nodes[world.node].enumerated() {
    let part = memory.floats(of: localRank)
    try require(part.count == count(localRank), "local rank \(localRank) has \(part.count) floats")
    let isRight = part.indices.allSatisfy { part[$0] == Float(rank * 10_000 + $0) }
    try require(isRight, "the part of local rank \(localRank) is wrong")
  }
  try memory.free()
  try world.barrier()
}
