/// Names of classes for people, from a file such as ImageNet's `synset_words.txt`: each line a folder's name, a space
/// and the class's name.
struct ClassNames: Sendable {
  private let path: String
  private var names: [String: String] = [:]

  private static let longestFileByteCount = 64 << 20

  init(reading path: String) throws(ShardError) {
    self.path = path
    let bytes = try OpenFile(reading: path).contents(limit: Self.longestFileByteCount)
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let text = String(decoding: line, as: UTF8.self).split(maxSplits: 1) { $0.isWhitespace }
      guard let wnid = text.first.map(String.init) else { continue }
      guard names[wnid] == nil else {
        throw ShardError(.badData, "Could not use \(path): line \(number + 1) names \"\(wnid)\" a second time.")
      }
      var name = text.count > 1 ? text[1].drop(while: \.isWhitespace) : ""
      while name.last?.isWhitespace == true { name.removeLast() }
      names[wnid] = name.isEmpty ? wnid : String(name)
    }
  }

  /// The classes of these folders; each must have a line in the file.
  func classes(of folders: [String]) throws(ShardError) -> [ShardClass] {
    let missing = folders.filter { names[$0] == nil }
    guard missing.isEmpty else {
      let list = missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
      throw ShardError(
        .badData, "Could not name \(missing.count) of \(folders.count) classes: \(path) has no line for \(list).")
    }
    return folders.map { ShardClass(wnid: $0, name: names[$0] ?? $0) }
  }
}
