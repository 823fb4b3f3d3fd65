import CMPI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory that all ranks of a node read and write: a part of floats and counters for every local rank.
///
/// Parts begin on page boundaries (a multiple of 4096 bytes) and are zero at first; a rank that is alone on its node
/// gets huge pages where the system has them. A rank that fails must not wait for its peers, so the memory lives
/// until the process ends unless all ranks call `free()`.
public struct SharedMemory: ~Copyable {
  private let window: MPI_Win?
  private let parts: [Part]

  /// Makes a part of `floats` floats and `counters` counters for this rank.
  ///
  /// Collective over the node; ranks may ask for different sizes, 0 among them. Touches this rank's part, so that
  /// its pages lie near the core that calls.
  public init(on world: borrowing Communicator, floats: Int, counters: Int = 0) throws(MessagePassingError) {
    let layouts = try Layout(floats: floats, counters: counters).ofAllLocalRanks(of: world)
    let bytes = layouts[world.localRank].bytes
    let window = layouts.count > 1 ? try allocateWindow(bytes, on: world) : nil
    var parts: [Part] = []
    for (localRank, layout) in layouts.enumerated() {
      if let window {
        try parts.append(Part(layout: layout, base: queryBase(of: localRank, in: window)))
      } else {
        try parts.append(Part(layout: layout, base: mapPrivateMemory(bytes)))
      }
    }
    parts[world.localRank].initialize()
    try check(MPI_Barrier(world.nodeHandle), "MPI_Barrier", "wait for this node's ranks to touch shared memory")
    self.window = window
    self.parts = parts
  }

  /// The floats of one local rank, this one's or another's.
  public func floats(of localRank: Int) -> UnsafeMutableBufferPointer<Float> { parts[localRank].floats }

  /// Counter `index` of one local rank.
  public func counter(_ index: Int, of localRank: Int) -> SharedCounter {
    precondition((0..<parts[localRank].layout.counters).contains(index), "There is no shared counter \(index).")
    return SharedCounter(at: parts[localRank].counters + index * SharedCounter.strideBytes)
  }

  /// Gives the memory back.
  ///
  /// Collective over the node; no pointer into it may be used afterwards.
  public consuming func free() throws(MessagePassingError) {
    if let window {
      var released: MPI_Win? = window
      try check(MPI_Win_free(&released), "MPI_Win_free", "give shared memory back")
    } else {
      let part = parts[0]
      munmap(part.counters, part.layout.bytes)
    }
  }
}

/// The sizes of one rank's part: counters first, then floats, both from a page boundary on.
private struct Layout {
  static let pageBytes = 4096
  var floats: Int
  var counters: Int

  var counterBytes: Int { Self.roundUp(counters * SharedCounter.strideBytes) }
  /// One page more than is used, so that the start can be moved to a page boundary.
  var bytes: Int { counterBytes + Self.roundUp(floats * MemoryLayout<Float>.stride) + Self.pageBytes }

  static func roundUp(_ bytes: Int) -> Int { (bytes + pageBytes - 1) / pageBytes * pageBytes }

  func ofAllLocalRanks(of world: borrowing Communicator) throws(MessagePassingError) -> [Layout] {
    var mine = [Int64(floats), Int64(counters)]
    var all = [Int64](repeating: 0, count: 2 * world.localSize)
    try check(
      MPI_Allgather(&mine, 2, cmpi_int64(), &all, 2, cmpi_int64(), world.nodeHandle), "MPI_Allgather",
      "agree on the sizes of shared memory")
    return (0..<world.localSize).map { Layout(floats: Int(all[2 * $0]), counters: Int(all[2 * $0 + 1])) }
  }
}

/// One local rank's part, as this process sees it.
private struct Part {
  let counters: UnsafeMutableRawPointer
  let layout: Layout
  let floats: UnsafeMutableBufferPointer<Float>

  init(layout: Layout, base: UnsafeMutableRawPointer) {
    counters = base.alignedUp(toMultipleOf: Layout.pageBytes)
    self.layout = layout
    floats = UnsafeMutableBufferPointer(
      start: (counters + layout.counterBytes).bindMemory(to: Float.self, capacity: layout.floats),
      count: layout.floats)
  }

  func initialize() {
    for index in 0..<layout.counters { SharedCounter.initialize(at: counters + index * SharedCounter.strideBytes) }
    floats.initialize(repeating: 0)
  }
}

/// A window of this node's ranks with `bytes` bytes for this one.
private func allocateWindow(_ bytes: Int, on world: borrowing Communicator) throws(MessagePassingError) -> MPI_Win {
  var info: MPI_Info? = nil
  try check(MPI_Info_create(&info), "MPI_Info_create", "describe shared memory")
  defer { MPI_Info_free(&info) }
  // Every part gets pages of its own, which then lie near the rank that touches them first.
  try check(MPI_Info_set(info, "alloc_shared_noncontig", "true"), "MPI_Info_set", "describe shared memory")
  var base: UnsafeMutableRawPointer? = nil
  var window: MPI_Win? = nil
  let code = MPI_Win_allocate_shared(MPI_Aint(bytes), 1, info, world.nodeHandle, &base, &window)
  guard code == MPI_SUCCESS, let window else {
    throw MessagePassingError(
      MessagePassingError(
        "share \(bytes) bytes with the other ranks of this node", call: "MPI_Win_allocate_shared", code: code
      ).description + " Enlarge /dev/shm (in a container: --shm-size), or let Open MPI use another folder by "
        + "`mpirun --mca osc_sm_backing_directory DIR`.")
  }
  return window
}

/// Where this process sees the part of `localRank`.
private func queryBase(of localRank: Int, in window: MPI_Win) throws(MessagePassingError) -> UnsafeMutableRawPointer {
  var bytes: MPI_Aint = 0
  var unit: CInt = 0
  var base: UnsafeMutableRawPointer? = nil
  let code = withUnsafeMutablePointer(to: &base) {
    MPI_Win_shared_query(window, CInt(localRank), &bytes, &unit, UnsafeMutableRawPointer($0))
  }
  try check(code, "MPI_Win_shared_query", "find the shared memory of local rank \(localRank)")
  guard let base else { throw MessagePassingError("Could not find the shared memory of local rank \(localRank).") }
  return base
}

/// Zeroed memory of this process alone, in huge pages where the system has them.
private func mapPrivateMemory(_ bytes: Int) throws(MessagePassingError) -> UnsafeMutableRawPointer {
  let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  guard let memory, memory != MAP_FAILED else {
    throw MessagePassingError("Could not map \(bytes) bytes of memory: \(String(cString: strerror(errno))).")
  }
  madvise(memory, bytes, MADV_HUGEPAGE)
  return memory
}

extension UnsafeMutableRawPointer {
  fileprivate func alignedUp(toMultipleOf bytes: Int) -> UnsafeMutableRawPointer {
    self + (bytes - Int(bitPattern: self) % bytes) % bytes
  }
}
