import CMPI

/// One MPI request: a piece of a message in flight.
struct Piece {
  var handle: MPI_Request?
  /// The length of a receive, so that a shorter message is noticed; nil for a send.
  var expectedBytes: Int?

  /// Whether the piece has arrived or left.
  ///
  /// Throws if less arrived than was expected.
  mutating func isComplete() throws(MessagePassingError) -> Bool {
    var done: CInt = 0
    var bytes: CInt = 0
    try check(cmpi_test(&handle, &done, &bytes), "MPI_Test", "complete a message")
    guard done != 0 else { return false }
    if let expectedBytes, Int(bytes) != expectedBytes {
      throw MessagePassingError(
        "Could not receive a message: \(expectedBytes) bytes were expected and \(bytes) came, "
          + "so the ranks do not run the same program on the same input.")
    }
    return true
  }
}

/// A message in flight, in one or more pieces.
///
/// It must be completed or put into a `RequestSet`: dropping it is a programming error, and traps. The memory it
/// reads or writes stays alive and untouched until then.
public struct Request: ~Copyable {
  private var pieces: [Piece]

  init(pieces: [Piece]) { self.pieces = pieces }

  /// Whether the message has arrived or left.
  public mutating func isComplete() throws(MessagePassingError) -> Bool {
    while var piece = pieces.last {
      guard try piece.isComplete() else { return false }
      pieces.removeLast()
    }
    return true
  }

  /// Returns when the message has arrived or left.
  public consuming func wait() throws(MessagePassingError) {
    var backoff = Backoff(mayNap: false)
    do throws(MessagePassingError) {
      while try !isComplete() { backoff.pause() }
    } catch {
      // MPI errors are not recoverable: the error must be heard, not the trap of the pieces that remain.
      pieces = []
      throw error
    }
  }

  /// The pieces, which now belong to the caller.
  mutating func takePieces() -> [Piece] {
    defer { pieces = [] }
    return pieces
  }

  deinit { precondition(pieces.isEmpty, "An MPI request was dropped before it completed.") }
}
