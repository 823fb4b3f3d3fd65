import Configuration
import Foundation
import Testing

/// What the documents say of the program is true.
@Suite struct DocumentationTests {
  /// Every default by its key path, from the resolved YAML of the defaults: sections of one depth.
  static let defaults: [String: String] = {
    var values: [String: String] = [:]
    var section = ""
    for line in RunConfiguration().resolvedYAML().split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      let isNested = line.hasPrefix(" ")
      if parts.count < 2 || parts[1].isEmpty {
        section = parts[0]
      } else {
        values[isNested ? "\(section).\(parts[0])" : parts[0]] = parts[1]
      }
    }
    return values
  }()

  @Test func theDefaultsAreUnderstood() {
    #expect(Set(Self.defaults.keys) == Set(RunConfiguration.keyPaths))
  }

  @Test func theReadmeHasEveryKeyWithItsDefault() throws {
    let reference = Repository.section("## Configuration", of: try Repository.text("README.md"))
    var shown: [String: String] = [:]
    for cells in Repository.tableRows(reference) where cells.count == 3 {
      guard let key = Repository.codeWords(cells[0]).first else { continue }
      #expect(shown[key] == nil, "\(key) stands twice in the README")
      #expect(!cells[2].isEmpty, "\(key) is not explained in the README")
      shown[key] = cells[1]
    }
    #expect(Set(shown.keys) == Set(RunConfiguration.keyPaths))
    for (key, value) in shown {
      let isRequired = ["model.name", "model.classes", "data.train"].contains(key)
      #expect(
        value == (isRequired ? "required" : Self.defaults[key].map { "`\($0)`" }),
        "the README says that \(key) is by default \(value)")
    }
  }

  @Test func theReadmeHasEveryExitCode() throws {
    let codes = try Repository.text("Sources/Training/Failure.swift").matches(of: /case [\w`]+ = (\d+)/)
      .map { String($0.1) }
    let table = Repository.section("## Exit codes", of: try Repository.text("README.md"))
    #expect(codes.count >= 12)
    #expect(Set(Repository.tableRows(table).map { $0[0] }.filter { Int($0) != nil }) == Set(codes + ["0"]))
  }

  @Test func theReadmeOpensWithTheTwoCommands() throws {
    let opening = try Repository.text("README.md").prefix(500)
    #expect(opening.contains("scripts/demo") && opening.contains("scripts/test"))
    #expect(try Repository.text(".ci/run").contains("scripts/test"))
  }

  @Test func theArchitectureFitsOnAFewPages() throws {
    #expect(
      try Repository.text("ARCHITECTURE.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
  }

  @Test(arguments: ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
  func filesThatItNamesExist(_ document: String) throws {
    let folders = ["Sources/", "Tests/", "scripts/", "configs/", ".ci/"]
    let names = Repository.codeWords(try Repository.text(document).replacing(/```[^`]*```/, with: ""))
      .filter { name in folders.contains { name.hasPrefix($0) } && !name.contains { " *<{…".contains($0) } }
    for name in names {
      #expect(Repository.exists(name), "\(document) names \(name), which does not exist")
    }
  }
}
