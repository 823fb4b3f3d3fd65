import ArgumentParser
import Glibc
import MessagePassing
import Training

/// Ends the program: silently with a code, with help or a usage error as ArgumentParser prints them, or with one
/// sentence.
func leave(with error: any Error) -> Never {
  if let code = error as? ExitCode { exit(code.rawValue) }
  let kind = FailureKind(of: error)
  if kind == .internal, Convoy.exitCode(for: error) != .failure { Convoy.exit(withError: error) }
  write("error: \(error)\n", to: STDERR_FILENO)
  exit(kind.rawValue)
}

/// What one of several ranks says and does about an error.
func failure(of error: any Error) -> MessagePassing.Failure {
  MessagePassing.Failure(message: "error: \(error)", exitCode: Int(FailureKind(of: error).rawValue))
}

private func write(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
