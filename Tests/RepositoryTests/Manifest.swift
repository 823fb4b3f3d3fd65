import Foundation

/// The targets of Package.swift and what they use, read from its text.
///
/// From the text, because `swift test` holds the lock that `swift package dump-package` would wait for.
struct Manifest {
  /// Names of targets and products by the target that depends on them; tests are left out.
  let uses: [String: Set<String>]

  init() throws {
    let text = try Repository.text("Package.swift").split(separator: "\n")
      .map { $0.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0] }.joined(separator: "\n")
    var products: [String: String] = [:]
    for match in text.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
      products[String(match.1)] = String(match.2)
    }
    var uses: [String: Set<String>] = [:]
    for match in text.matches(of: /\.systemLibrary\(\s*name: "(\w+)"/) { uses[String(match.1)] = [] }
    for match in text.matches(of: /\bcLibrary\(\s*"(\w+)"\)/) { uses[String(match.1)] = [] }
    func add(_ name: Substring, _ list: Substring?) {
      let words = (list ?? "").matches(of: /"?([\w-]+)"?/).map { String($0.1) }
      uses[String(name)] = Set(words.map { products[$0] ?? $0 })
    }
    for match in text.matches(of: /\blibrary\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?\)/) { add(match.1, match.2) }
    for match in text.matches(of: /\.executableTarget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/) {
      add(match.1, match.2)
    }
    self.uses = uses
  }
}
