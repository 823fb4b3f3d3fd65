import Foundation

/// The files of this repository, as text.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The text of a file, which must be there.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// All Swift files below `folder`, as paths from the root, sorted.
  static func swiftFiles(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }.sorted()
  }

  /// The cells of every table row of a Markdown text, trimmed; rules between head and body are left out.
  static func tableRows(_ markdown: String) -> [[String]] {
    markdown.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("|"), line.hasSuffix("|"), !line.hasPrefix("|--"), !line.hasPrefix("| --") else {
        return nil
      }
      return line.dropFirst().dropLast().replacing("\\|", with: "\u{0}").split(
        separator: "|", omittingEmptySubsequences: false
      ).map { String($0).replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The text from a heading to the next one of the same depth; empty if there is no such heading.
  static func section(_ heading: String, of markdown: String) -> String {
    let depth = heading.prefix { $0 == "#" }
    var lines: [Substring] = []
    var isInside = false
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      if isInside, line.hasPrefix("\(depth) ") { break }
      if isInside { lines.append(line) }
      if line == heading { isInside = true }
    }
    return lines.joined(separator: "\n")
  }

  /// What stands between backticks in `text`, in order.
  static func codeWords(_ text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }
}
