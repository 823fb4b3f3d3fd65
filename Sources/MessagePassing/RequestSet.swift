/// Messages in flight that complete together.
///
/// They must be completed or abandoned: dropping them is a programming error, and traps.
public struct RequestSet: ~Copyable {
  private var pieces: [Piece] = []

  public init() {}

  /// Whether nothing is in flight.
  public var isEmpty: Bool { pieces.isEmpty }

  public mutating func insert(_ request: consuming Request) {
    pieces.append(contentsOf: request.takePieces())
  }

  /// Whether all messages have arrived or left; forgets those that have.
  public mutating func isComplete() throws(MessagePassingError) -> Bool {
    do throws(MessagePassingError) {
      var index = 0
      while index < pieces.count {
        if try pieces[index].isComplete() {
          pieces.swapAt(index, pieces.count - 1)
          pieces.removeLast()
        } else {
          index += 1
        }
      }
      return pieces.isEmpty
    } catch {
      // MPI errors are not recoverable: the error must be heard, not the trap of the messages that remain.
      abandon()
      throw error
    }
  }

  /// Returns when all messages have arrived or left.
  public mutating func wait() throws(MessagePassingError) {
    var backoff = Backoff(mayNap: false)
    while try !isComplete() { backoff.pause() }
  }

  /// Forgets all messages, complete or not: for the way out of a run that has failed.
  ///
  /// Their memory must live on.
  public mutating func abandon() { pieces = [] }

  deinit { precondition(pieces.isEmpty, "MPI requests were dropped before they completed.") }
}
