import CMPI

/// MPI counts are 32-bit, so longer messages travel in pieces of at most this many bytes.
let longestPieceBytes = 1 << 30

extension Communicator {
  /// Returns `root`'s bytes on every rank; what the others give is ignored.
  public borrowing func broadcast(_ bytes: [UInt8], from root: Int = 0) throws(MessagePassingError) -> [UInt8] {
    guard size > 1 else { return bytes }
    var count = Int64(bytes.count)
    try check(MPI_Bcast(&count, 1, cmpi_int64(), CInt(root), handle), "MPI_Bcast", "broadcast a length")
    var result = rank == root ? bytes : [UInt8](repeating: 0, count: Int(count))
    var code = CInt(MPI_SUCCESS)
    result.withUnsafeMutableBytes { buffer in
      var sent = 0
      while sent < buffer.count, code == MPI_SUCCESS {
        let piece = min(longestPieceBytes, buffer.count - sent)
        code = MPI_Bcast(buffer.baseAddress.map { $0 + sent }, CInt(piece), cmpi_byte(), CInt(root), handle)
        sent += piece
      }
    }
    try check(code, "MPI_Bcast", "broadcast \(count) bytes from rank \(root)")
    return result
  }

  /// The sum of every element over all ranks.
  ///
  /// All ranks give equally many values.
  public borrowing func sum(_ values: [Double]) throws(MessagePassingError) -> [Double] {
    try reduce(values, cmpi_double(), cmpi_sum())
  }

  /// The sum of every element over all ranks.
  ///
  /// All ranks give equally many values.
  public borrowing func sum(_ values: [Int]) throws(MessagePassingError) -> [Int] {
    try reduce(values, cmpi_int64(), cmpi_sum())
  }

  /// Replaces every element by its sum over all ranks, and allocates nothing.
  ///
  /// All ranks give equally many values. Where at most one rank gives a value that is not zero, the sum is that value.
  public borrowing func sum(inPlace values: UnsafeMutableBufferPointer<Double>) throws(MessagePassingError) {
    precondition(values.count <= CInt.max, "A reduction takes at most 2^31 - 1 values.")
    guard size > 1, !values.isEmpty else { return }
    try check(
      MPI_Allreduce(cmpi_in_place(), values.baseAddress, CInt(values.count), cmpi_double(), cmpi_sum(), handle),
      "MPI_Allreduce", "sum \(values.count) values over all ranks")
  }

  /// The greatest of every element over all ranks.
  ///
  /// All ranks give equally many values.
  public borrowing func maximum(_ values: [Double]) throws(MessagePassingError) -> [Double] {
    try reduce(values, cmpi_double(), cmpi_max())
  }

  /// The greatest of every element over all ranks.
  ///
  /// All ranks give equally many values.
  public borrowing func maximum(_ values: [Int]) throws(MessagePassingError) -> [Int] {
    try reduce(values, cmpi_int64(), cmpi_max())
  }

  private borrowing func reduce<Value: BitwiseCopyable>(
    _ values: [Value], _ type: MPI_Datatype, _ operation: MPI_Op
  ) throws(MessagePassingError) -> [Value] {
    precondition(values.count <= CInt.max, "A reduction takes at most 2^31 - 1 values.")
    guard size > 1, !values.isEmpty else { return values }
    var result = values
    let code = result.withUnsafeMutableBytes { buffer in
      MPI_Allreduce(cmpi_in_place(), buffer.baseAddress, CInt(values.count), type, operation, handle)
    }
    try check(code, "MPI_Allreduce", "reduce \(values.count) values over all ranks")
    return result
  }

  /// One integer of every rank, in order of rank, on every rank.
  public borrowing func gatherEverywhere(_ value: Int) throws(MessagePassingError) -> [Int] {
    var value = Int64(value)
    var values = [Int64](repeating: 0, count: size)
    try check(
      MPI_Allgather(&value, 1, cmpi_int64(), &values, 1, cmpi_int64(), handle), "MPI_Allgather",
      "gather one number of every rank")
    return values.map(Int.init)
  }

  /// The bytes of every rank, in order of rank, on `root`; an empty array elsewhere.
  ///
  /// Ranks may give different lengths.
  public borrowing func gather(_ bytes: [UInt8], to root: Int = 0) throws(MessagePassingError) -> [[UInt8]] {
    let counts = try gatherEverywhere(bytes.count)
    guard rank == root else {
      try send(bytes, to: root)
      return []
    }
    var parts: [[UInt8]] = []
    for (source, count) in counts.enumerated() {
      try parts.append(source == rank ? bytes : receive(count, from: source))
    }
    return parts
  }

  /// Waits for all ranks, calling `poll` now and then, mostly asleep when the wait is long.
  ///
  /// The wait of a rank whose peers read a file or write a checkpoint: it leaves them the cores.
  public borrowing func barrier(poll: () throws -> Void = {}) throws {
    guard size > 1 else { return }
    var request: MPI_Request? = nil
    try check(MPI_Ibarrier(handle, &request), "MPI_Ibarrier", "wait for all ranks")
    var backoff = Backoff(mayNap: true)
    while true {
      var done: CInt = 0
      var bytes: CInt = 0
      try check(cmpi_test(&request, &done, &bytes), "MPI_Test", "wait for all ranks")
      guard done == 0 else { return }
      try poll()
      backoff.pause()
    }
  }

  private borrowing func send(_ bytes: [UInt8], to root: Int) throws(MessagePassingError) {
    // The array must not move until the message has left, so the wait happens inside the closure.
    let sent: Result<Void, MessagePassingError> = bytes.withUnsafeBytes { buffer in
      Result { () throws(MessagePassingError) in
        try startSend(bytes: buffer, to: root, tag: Self.gatherTag).wait()
      }
    }
    try sent.get()
  }

  private borrowing func receive(_ count: Int, from source: Int) throws(MessagePassingError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let received: Result<Void, MessagePassingError> = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(MessagePassingError) in
        try startReceive(bytes: buffer, from: source, tag: Self.gatherTag).wait()
      }
    }
    try received.get()
    return bytes
  }

  /// Above all tags that callers may use.
  private static var gatherTag: Int { Self.tagLimit }
}
