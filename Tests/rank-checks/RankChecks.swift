import MessagePassing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One case per run, named by the first argument; what the case needs follows.
///
/// Exit code 0 says that it passed.
@main
struct RankChecks {
  static let cases: [String: @Sendable (borrowing Communicator, [String]) throws -> Void] = [
    "abort": checkAbort,
    "allocations": checkAllocations,
    "collectives": checkCollectives,
    "disagreement": checkDisagreement,
    "dropped-request": checkDroppedRequest,
    "exchange": checkExchange,
    "exchange-time": checkExchangeTime,
    "messages": checkMessages,
    "place": checkPlace,
    "shared-memory": checkSharedMemory,
    "sharing": checkSharing,
    "short-message": checkShortMessage,
  ]

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let name = arguments.first, let check = cases[name] else {
      print("usage: rank-checks \(cases.keys.sorted().joined(separator: "|")) [ARGUMENT...]")
      exit(64)
    }
    do {
      try withMPI(describing: { Failure(message: "\($0)", exitCode: exitCode(of: $0)) }) { world in
        try check(world, Array(arguments.dropFirst()))
      }
    } catch {
      writeError("\(error)\n")
      exit(Int32(exitCode(of: error)))
    }
  }

  private static func exitCode(of error: any Error) -> Int {
    switch error {
    case let failure as CheckFailure: failure.exitCode
    case is MessagePassingError: 69
    default: 70
    }
  }
}

/// What a check found wrong.
struct CheckFailure: Error, CustomStringConvertible {
  let description: String
  var exitCode = 1
}

/// Fails the check, and with it the whole run, unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String, line: Int = #line) throws {
  guard condition else { throw CheckFailure(description: "line \(line): \(message())") }
}

private func writeError(_ text: String) {
  var text = text
  text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
