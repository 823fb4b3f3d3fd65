import CMPI

/// Why ranks could not be started, could not talk to each other or could not share memory.
public struct MessagePassingError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }

  /// The error of one MPI call: what it was to do, and the library's own words for `code`.
  init(_ purpose: String, call: StaticString, code: CInt) {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING))
    var length: CInt = 0
    let known = MPI_Error_string(code, &text, &length) == MPI_SUCCESS
    let words = String(decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    description = "Could not \(purpose): \(call) failed with \(known ? words : "the unknown code \(code)")."
  }
}

/// Turns the status code of one MPI call into a thrown error.
func check(_ code: CInt, _ call: StaticString, _ purpose: @autoclosure () -> String) throws(MessagePassingError) {
  guard code == MPI_SUCCESS else { throw MessagePassingError(purpose(), call: call, code: code) }
}
