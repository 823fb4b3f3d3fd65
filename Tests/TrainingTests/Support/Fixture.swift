import Foundation
import Metrics
import TestSupport
import Testing

/// Tiny real shards, configurations that train on them, and room for runs.
struct Fixture: Sendable {
  /// 160 images of 16 × 16 pixels in four shards.
  let train: String
  /// 50 other ones.
  let validation: String
  private let folder: String
  private let references = ReferenceHashes()

  @TaskLocal static var current: Fixture?

  init(in folder: String) async throws {
    self.folder = folder
    train = folder + "/train"
    validation = folder + "/validation"
    try await Self.synthesize(["--count", "160", "--seed", "1", "--shard-size", "40KB", "--output", train])
    try await Self.synthesize(["--count", "50", "--seed", "2", "--split", "test", "--output", validation])
  }

  private static func synthesize(_ arguments: [String]) async throws {
    let made = try await convoy(["data", "synth", "--kind", "shapes", "--size", "16", "--quiet"] + arguments)
    try #require(made.succeeded, "\(made)")
  }

  static func shared() throws -> Fixture { try #require(current) }

  /// The path of a file or folder that is not there yet.
  func newPath(_ suffix: String = "") -> String { "\(folder)/\(UUID().uuidString.prefix(8))\(suffix)" }

  /// A file with this text.
  func newFile(_ text: String, _ suffix: String = "") throws -> String {
    let path = newPath(suffix)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// A new run of `net`, nothing done yet.
  func newRun(_ net: Net = .mlp, _ overrides: [String] = []) throws -> TrainingRun {
    TrainingRun(
      configuration: try newFile(net.configuration(train: train, validation: validation), ".yaml"),
      directory: newPath(), overrides: overrides)
  }

  /// A copy of the training shards, to be damaged.
  func copyOfShards() throws -> String {
    let copy = newPath()
    try FileManager.default.copyItem(atPath: train, toPath: copy)
    return copy
  }

  /// The weights hash of a finished, uninterrupted run on one rank; each is computed once.
  func referenceHash(_ net: Net, _ overrides: [String]) async throws -> String {
    try await references.hash(net, overrides, self)
  }
}

/// What uninterrupted runs end with.
private actor ReferenceHashes {
  private var hashes: [[String]: String] = [:]

  func hash(_ net: Net, _ overrides: [String], _ fixture: Fixture) async throws -> String {
    let key = [net.rawValue] + overrides
    if let known = hashes[key] { return known }
    let hash = try #require(try await fixture.newRun(net, overrides).finish().weightsHash)
    hashes[key] = hash
    return hash
  }
}
