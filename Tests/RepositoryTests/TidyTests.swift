import Foundation
import Testing

/// The rules of style that a text search can hold.
@Suite struct TidyTests {
  static let sources = (try? Repository.swiftFiles(below: "Sources")) ?? []
  static let all = sources + ((try? Repository.swiftFiles(below: "Tests")) ?? []) + ["Package.swift"]

  @Test func thereAreFiles() {
    #expect(Self.sources.count > 100 && Self.all.count > Self.sources.count + 50)
  }

  @Test func linesAreShort() throws {
    for file in Self.all {
      for (number, line) in try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated() where line.count > 120
      {
        Issue.record("\(file):\(number + 1) has \(line.count) columns; 120 are the limit")
      }
    }
  }

  @Test func filesAreShort() throws {
    for file in Self.all {
      let count = try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(count <= 400, "\(file) has \(count) lines; cut it by concept into files of at most 250")
    }
  }

  @Test func typesHaveSpeakingNames() throws {
    let banned =
      /\b(?:actor|class|enum|protocol|struct|typealias) (\w*(?:Manager|Helpers?|Utils?|Context|Base|Impl|Engine))\b/
    for file in Self.all {
      for match in try Repository.text(file).matches(of: banned) {
        Issue.record("\(file): \(match.1) says nothing; name what it is")
      }
    }
  }

  @Test func onlyMetricsAndCommandsPrint() throws {
    try expectNone(of: /(?:^|[^\w.`"])(?:debugPrint|dump|print|puts|printf|NSLog)\(/, outside: ["Metrics", "convoy"])
  }

  @Test func onlyCommandsExit() throws {
    try expectNone(of: /(?:^|[^\w.])exit\(/, outside: ["convoy"])
  }

  @Test func onlyConfigurationReadsYAML() throws {
    try expectNone(of: /\bimport Yams\b/, outside: ["Configuration"])
  }

  @Test func nothingIsLeftForLater() throws {
    try expectNone(of: /\b(?:TODO|FIXME|XXX|HACK)\b/, outside: [], inComments: true)
  }

  private func expectNone(
    of pattern: Regex<Substring>, outside targets: Set<String>, inComments: Bool = false
  ) throws {
    for file in Self.sources where !targets.contains(String(file.split(separator: "/")[1])) {
      for (number, line) in try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if let found = (inComments ? line : code).firstMatch(of: pattern) {
          Issue.record("\(file):\(number + 1) has \(found.0), which only targets \(targets.sorted()) may have")
        }
      }
    }
  }
}
