import CMPI

extension Communicator {
  /// Tags of messages lie below this number.
  public static var tagLimit: Int { 1 << 20 }

  /// Starts sending `values` to `rank`, and returns at once.
  ///
  /// Messages between two ranks with one tag arrive in the order in which they were sent.
  public borrowing func startSend(
    _ values: UnsafeBufferPointer<Float>, to rank: Int, tag: Int
  ) throws(MessagePassingError) -> Request {
    precondition((0..<Self.tagLimit).contains(tag), "A message tag lies in 0..<\(Self.tagLimit).")
    return try startSend(bytes: UnsafeRawBufferPointer(values), to: rank, tag: tag)
  }

  /// Starts receiving a message of exactly the length of `values` from `rank`, and returns at once.
  public borrowing func startReceive(
    into values: UnsafeMutableBufferPointer<Float>, from rank: Int, tag: Int
  ) throws(MessagePassingError) -> Request {
    precondition((0..<Self.tagLimit).contains(tag), "A message tag lies in 0..<\(Self.tagLimit).")
    return try startReceive(bytes: UnsafeMutableRawBufferPointer(values), from: rank, tag: tag)
  }

  /// Lets MPI move messages on, for a rank that waits for something else.
  public borrowing func poll() throws(MessagePassingError) {
    var found: CInt = 0
    try check(
      MPI_Iprobe(CInt(MPI_ANY_SOURCE), CInt(MPI_ANY_TAG), handle, &found, nil), "MPI_Iprobe", "move messages on")
  }

  /// Sends bytes in pieces of `longestPiece` bytes at most; the receiver cuts the same way.
  package borrowing func startSend(
    bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int, longestPiece: Int = longestPieceBytes
  ) throws(MessagePassingError) -> Request {
    var pieces: [Piece] = []
    var sent = 0
    repeat {
      let count = min(longestPiece, bytes.count - sent)
      var piece = Piece(handle: nil, expectedBytes: nil)
      let start = bytes.baseAddress.map { $0 + sent }
      try check(
        MPI_Isend(start, CInt(count), cmpi_byte(), CInt(rank), CInt(tag), handle, &piece.handle), "MPI_Isend",
        "send \(bytes.count) bytes to rank \(rank)")
      pieces.append(piece)
      sent += count
    } while sent < bytes.count
    return Request(pieces: pieces)
  }

  /// Receives bytes in pieces of `longestPiece` bytes at most; the sender cuts the same way.
  package borrowing func startReceive(
    bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: Int, longestPiece: Int = longestPieceBytes
  ) throws(MessagePassingError) -> Request {
    var pieces: [Piece] = []
    var received = 0
    repeat {
      let count = min(longestPiece, bytes.count - received)
      var piece = Piece(handle: nil, expectedBytes: count)
      let start = bytes.baseAddress.map { $0 + received }
      try check(
        MPI_Irecv(start, CInt(count), cmpi_byte(), CInt(rank), CInt(tag), handle, &piece.handle), "MPI_Irecv",
        "receive \(bytes.count) bytes from rank \(rank)")
      pieces.append(piece)
      received += count
    } while received < bytes.count
    return Request(pieces: pieces)
  }
}
