import CMPI

/// A group of ranks that exchange messages.
///
/// Owns duplicates of its MPI communicators, so its traffic can never match another's. All calls are made by the
/// thread that opened the session; every rank makes the collective ones in the same order.
public struct Communicator: ~Copyable {
  let handle: MPI_Comm
  /// The ranks of this node.
  let nodeHandle: MPI_Comm
  /// This rank, from 0.
  public let rank: Int
  /// The number of ranks.
  public let size: Int
  /// Where all ranks run.
  public let topology: Topology

  /// The index of this rank's node.
  public var node: Int { topology.nodeOfRank[rank] }
  /// The number of nodes.
  public var nodeCount: Int { topology.nodes.count }
  /// This rank's position among the ranks of its node.
  public var localRank: Int { topology.localRankOfRank[rank] }
  /// The number of ranks of this node.
  public var localSize: Int { topology.nodes[node].count }

  /// A duplicate of `parent`, split into nodes by shared memory; each node is then cut into `pretendedNodes` runs.
  init(duplicating parent: MPI_Comm, pretendedNodes: Int) throws(MessagePassingError) {
    let handle = try duplicated(parent)
    let place = try place(in: handle)
    let nodeHandle = try splitIntoNodes(handle, rank: place.rank, pretendedNodes: pretendedNodes)
    var lowestRank = Int64(place.rank)
    try check(
      MPI_Bcast(&lowestRank, 1, cmpi_int64(), 0, nodeHandle), "MPI_Bcast", "learn which ranks share this node")
    var colors = [Int64](repeating: 0, count: place.size)
    try check(
      MPI_Allgather(&lowestRank, 1, cmpi_int64(), &colors, 1, cmpi_int64(), handle), "MPI_Allgather",
      "learn which ranks share a node")
    self.init(
      handle: handle, nodeHandle: nodeHandle, place: place, topology: Topology(colors: colors.map(Int.init)))
  }

  /// The same ranks and nodes with separate traffic.
  ///
  /// Collective.
  public borrowing func duplicate() throws(MessagePassingError) -> Communicator {
    let handle = try duplicated(self.handle)
    let nodeHandle = try duplicated(self.nodeHandle)
    return Communicator(handle: handle, nodeHandle: nodeHandle, place: (rank, size), topology: topology)
  }

  private init(handle: MPI_Comm, nodeHandle: MPI_Comm, place: (rank: Int, size: Int), topology: Topology) {
    self.handle = handle
    self.nodeHandle = nodeHandle
    rank = place.rank
    size = place.size
    self.topology = topology
  }

  deinit {
    var finalized: CInt = 0
    MPI_Finalized(&finalized)
    guard finalized == 0 else { return }
    var nodeHandle: MPI_Comm? = nodeHandle
    MPI_Comm_free(&nodeHandle)
    var handle: MPI_Comm? = handle
    MPI_Comm_free(&handle)
  }
}

/// The ranks of `parent` with traffic of their own; its errors are returned, not fatal.
private func duplicated(_ parent: MPI_Comm) throws(MessagePassingError) -> MPI_Comm {
  var handle: MPI_Comm? = nil
  try check(MPI_Comm_dup(parent, &handle), "MPI_Comm_dup", "duplicate a communicator")
  guard let handle else { throw MessagePassingError("Could not duplicate a communicator: MPI gave none.") }
  try check(
    MPI_Comm_set_errhandler(handle, cmpi_errors_return()), "MPI_Comm_set_errhandler", "let MPI return errors")
  return handle
}

/// This process's rank in `handle`, and its size.
private func place(in handle: MPI_Comm) throws(MessagePassingError) -> (rank: Int, size: Int) {
  var rank: CInt = 0
  var size: CInt = 0
  try check(MPI_Comm_rank(handle, &rank), "MPI_Comm_rank", "learn this process's rank")
  try check(MPI_Comm_size(handle, &size), "MPI_Comm_size", "learn the number of ranks")
  return (Int(rank), Int(size))
}

/// The ranks of `parent` that share memory with this one; of these, the run that shares its pretended node.
private func splitIntoNodes(
  _ parent: MPI_Comm, rank: Int, pretendedNodes: Int
) throws(MessagePassingError) -> MPI_Comm {
  var shared: MPI_Comm? = nil
  try check(
    MPI_Comm_split_type(parent, CInt(MPI_COMM_TYPE_SHARED), CInt(rank), cmpi_info_null(), &shared),
    "MPI_Comm_split_type",
    "find the ranks that share this node's memory")
  guard let shared else { throw MessagePassingError("Could not find the ranks of this node: MPI gave none.") }
  guard pretendedNodes > 1 else { return shared }
  let (localRank, localSize) = try place(in: shared)
  let pretended = try split(
    shared, color: localRank * min(pretendedNodes, localSize) / localSize, key: localRank)
  var released: MPI_Comm? = shared
  MPI_Comm_free(&released)
  return pretended
}

private func split(
  _ parent: MPI_Comm, color: Int, key: Int
) throws(MessagePassingError) -> MPI_Comm {
  var part: MPI_Comm? = nil
  try check(
    MPI_Comm_split(parent, CInt(color), CInt(key), &part), "MPI_Comm_split", "split the ranks into nodes")
  guard let part else { throw MessagePassingError("Could not split the ranks into nodes: MPI gave none.") }
  return part
}
