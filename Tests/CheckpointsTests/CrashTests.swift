import Checkpoints
import Files
import Foundation
import Glibc
import TestSupport
import Testing

/// A change of a store that holds steps 1 and 2, during which the process may die.
enum StoreChange: String, CaseIterable, Codable, Sendable {
  /// Step 3 is saved.
  case save
  /// Step 2 is saved again.
  case replace
  /// The same, where the file system can only rename.
  case replaceByRenames
  /// Step 1 is removed.
  case prune

  /// Makes the change; `fault` gets the number of every call that changes the disk.
  func make(in folder: String, _ fault: @escaping @Sendable (Int) -> WriteFaults.Fault?) throws -> [WriteFaults.Call] {
    let store = try CheckpointStore(writing: folder)
    let faults = WriteFaults { number, call in
      if let fault = fault(number) { return fault }
      return self == .replaceByRenames && call.kind == .exchange ? .fail(EINVAL) : nil
    }
    try faults.run {
      switch self {
      case .save: try Fixture.save(3, in: store)
      case .replace, .replaceByRenames: try Fixture.save(2, in: store)
      case .prune: try store.prune(keepLast: 1, keepBest: nil)
      }
    }
    return faults.calls
  }

  static func prepare(_ folder: String) throws {
    let store = try CheckpointStore(writing: folder)
    for step in [1, 2] { try Fixture.save(step, in: store) }
  }

  /// The calls of every change, found by making it.
  static let calls: [StoreChange: [WriteFaults.Call]] = Dictionary(
    uniqueKeysWithValues: allCases.map { change in
      let calls = try? withTemporaryFolder { folder in
        try prepare(folder.path)
        return try change.make(in: folder.path) { _ in nil }
      }
      return (change, calls ?? [])
    })
}

/// One place in a change.
struct CrashPoint: Sendable, CustomTestStringConvertible {
  let change: StoreChange
  let call: Int

  var testDescription: String { "\(change), call \(call)" }

  static let all = StoreChange.allCases.flatMap { change in
    (StoreChange.calls[change] ?? []).indices.map { CrashPoint(change: change, call: $0) }
  }
}

@Suite("No death and no failure costs a checkpoint")
struct CrashTests {
  @Test func everyChangeMakesCalls() {
    let counts = StoreChange.allCases.map { StoreChange.calls[$0]?.count ?? 0 }
    #expect(zip(counts, [25, 30, 30, 6]).allSatisfy { $0 >= $1 }, "\(counts)")
  }

  /// The order that a power failure asks for: all contents, then all names, then the commit, then its name.
  @Test func everythingIsOnTheDiskBeforeTheCommit() throws {
    let calls = try #require(StoreChange.calls[.save])
    let commit = try #require(calls.firstIndex { $0.kind == .rename })
    let created = calls.filter { $0.kind == .create }.map(\.path)
    #expect(
      created.map { FileSystem.name(of: $0) } == [
        "model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json",
      ])
    for path in created {
      let written = try #require(calls.lastIndex { $0.kind == .write && $0.path == path })
      let synced = try #require(calls.firstIndex { $0.kind == .sync && $0.path == path })
      #expect(written < synced && synced < commit)
    }
    let lastCreated = try #require(calls.lastIndex { $0.kind == .create })
    let namesSynced = try #require(calls.firstIndex { $0.kind == .syncFolder })
    #expect(lastCreated < namesSynced && namesSynced < commit)
    #expect(calls[namesSynced].path == FileSystem.parent(of: created[0]))
    #expect(calls[commit + 1].kind == .syncFolder)
    #expect(calls[commit + 1].path == FileSystem.parent(of: calls[commit].path))
  }

  @Test(arguments: CrashPoint.all)
  func deathAtAnyCall(_ point: CrashPoint) async throws {
    try await withTemporaryFolder { folder in
      try StoreChange.prepare(folder.path)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = folder.path as String, change = point.change as StoreChange, call = point.call as Int] in
        _ = try change.make(in: path) { $0 == call ? .kill : nil }
      }
      try Self.loseWhatIsNotSynced(point, in: folder.path)
      try Self.expectSound(folder.path, after: point.change)
    }
  }

  @Test(arguments: CrashPoint.all, [EIO, ENOSPC, EACCES])
  func aFailureAtAnyCall(_ point: CrashPoint, code: Int32) throws {
    try withTemporaryFolder { folder in
      try StoreChange.prepare(folder.path)
      do {
        _ = try point.change.make(in: folder.path) { $0 == point.call ? .fail(code) : nil }
      } catch let error as CheckpointError {
        let kinds: [Int32: CheckpointError.Kind] = [EIO: .io, ENOSPC: .diskFull, EACCES: .cannotCreate]
        #expect(error.kind == kinds[code])
      }
      try Self.expectSound(folder.path, after: point.change)
    }
  }

  /// Expects that no checkpoint is broken and none but those that the change replaces or removes is gone.
  static func expectSound(_ folder: String, after change: StoreChange) throws {
    let store = try CheckpointStore(writing: folder)
    #expect(try FileSystem.names(in: folder).allSatisfy { $0.hasPrefix("step-") })
    let steps = try store.list().map(\.step)
    #expect(steps.contains(2) && (steps.contains(1) || change == .prune) && (!steps.contains(3) || change == .save))
    for entry in try store.list() {
      #expect(try Fixture.isWhole(try store.load(entry), step: entry.step))
    }
    try Fixture.save(4, in: store)
    #expect(try Fixture.latestStep(store) == 4)
  }

  /// What a power failure could do beside: files that were written and not synced are empty.
  static func loseWhatIsNotSynced(_ point: CrashPoint, in folder: String) throws {
    let done = (StoreChange.calls[point.change] ?? []).prefix(point.call)
    let synced = Set(done.filter { $0.kind == .sync }.map(\.path))
    let lost = Set(done.filter { $0.kind == .write }.map(\.path)).subtracting(synced).map { FileSystem.name(of: $0) }
    for hidden in try FileSystem.names(in: folder) where hidden.hasPrefix(".tmp") || hidden == "step-000000003" {
      for name in lost where FileSystem.entry(at: "\(folder)/\(hidden)/\(name)") == .file {
        #expect(truncate("\(folder)/\(hidden)/\(name)", 0) == 0)
      }
    }
  }
}
