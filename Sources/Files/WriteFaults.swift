import Synchronization

/// Faults for tests: what goes wrong at the n-th call that changes the disk, and a record of all such calls.
///
/// Faults are seen by the task that runs under them and by no other, so tests may run side by side.
package final class WriteFaults: Sendable {
  package enum Fault: Sendable, Equatable {
    /// The call does nothing and fails with this error number.
    case fail(Int32)
    /// The process dies before the call.
    case kill
    /// A write takes only so many bytes.
    case short(bytes: Int)
  }

  /// One call that was made or refused.
  package struct Call: Sendable {
    package let kind: WriteCall
    package let path: String
  }

  @TaskLocal static var active: WriteFaults?

  private let matches: @Sendable (Int, Call) -> Fault?
  private let recorded = Mutex<[Call]>([])

  /// `fault` gets every call with its number, counted from 0, and says what goes wrong with it.
  package init(_ fault: @escaping @Sendable (Int, Call) -> Fault?) { matches = fault }

  /// The fault that happens at call `number` alone.
  package convenience init(at number: Int, _ fault: Fault) { self.init { place, _ in place == number ? fault : nil } }

  /// No fault: only records.
  package convenience init() { self.init { _, _ in nil } }

  /// The calls up to now.
  package var calls: [Call] { recorded.withLock { $0 } }

  /// Runs `body` under these faults.
  package func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$active.withValue(self, operation: body)
  }

  func next(_ kind: WriteCall, _ path: String) -> Fault? {
    let call = Call(kind: kind, path: path)
    let number = recorded.withLock { calls in
      calls.append(call)
      return calls.count - 1
    }
    return matches(number, call)
  }
}
