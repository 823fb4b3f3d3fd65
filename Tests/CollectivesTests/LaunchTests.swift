import TestSupport
import Testing

@Suite struct LaunchTests {
  @Test func outputAndExitCodeAreReported() async throws {
    let result = try await run("sh", ["-c", "echo $GREETING; echo no >&2; exit 3"], environment: ["GREETING": "yes"])
    #expect(result.output == "yes\n" && result.errors == "no\n" && result.exitCode == 3 && !result.succeeded)
  }

  @Test func aSignalIsReportedAsAShellDoes() async throws {
    #expect(try await run("sh", ["-c", "kill -KILL $$"]).exitCode == 137)
  }

  @Test func aProgramThatRunsTooLongIsKilledWithItsChildren() async throws {
    // The shell ignores SIGTERM and its child holds the pipe open, so only SIGKILL to the session ends both.
    let result = try await run("sh", ["-c", "trap '' TERM; sleep 600; sleep 600"], timeout: .milliseconds(200))
    #expect(result.timedOut && !result.succeeded)
  }
}
