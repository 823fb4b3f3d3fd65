import Foundation
import TestSupport
import Testing

/// Everything that runs the real `convoy`: one process tree at a time, on shards that are made once.
@Suite("convoy, end to end", .serialized, .sharedFixture)
enum EndToEnd {}

/// Lends a suite and all that is in it one `Fixture`, removed behind the last test.
struct SharedFixture: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let fixture = try await Fixture(in: folder.path)
      try await Fixture.$current.withValue(fixture) { try await function() }
    }
  }
}

extension Trait where Self == SharedFixture {
  static var sharedFixture: Self { Self() }
}
