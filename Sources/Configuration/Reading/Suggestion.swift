/// "Did you mean": the nearest of the names that exist.
public enum Suggestion {
  /// The candidate nearest to `name`, if it is near enough to be a slip of the hand or another spelling; else the first
  /// that begins with it.
  public static func name(for name: String, among candidates: [String]) -> String? {
    nearest(to: name, among: candidates.map { ($0, $0) })
  }

  /// The key path nearest to `path`: by its whole spelling, else by its last name.
  static func path(for path: String, among candidates: [String]) -> String? {
    nearest(to: path, among: candidates.map { ($0, $0) })
      ?? nearest(to: lastName(path), among: candidates.map { ($0, lastName($0)) })
  }

  /// The key path anywhere in the tree that ends in nearly this name.
  static func path(endingIn name: String, among candidates: [String]) -> String? {
    nearest(to: name, among: candidates.map { ($0, lastName($0)) })
  }

  private static func lastName(_ path: String) -> String {
    path.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? path
  }

  private static func nearest(to name: String, among candidates: [(answer: String, spelling: String)]) -> String? {
    guard name.utf8.count <= 80 else { return nil }
    let wanted = normalized(name)
    let limit = min(3, max(1, wanted.count / 3))
    var best: (answer: String, distance: Int)?
    for candidate in candidates {
      let isInitials = wanted.count > 1 && String(decoding: wanted, as: UTF8.self) == initials(candidate.spelling)
      let distance = isInitials ? 1 : editDistance(wanted, normalized(candidate.spelling))
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate.answer, distance) }
    }
    if let best { return best.answer }
    // The beginning of a longer name.
    return wanted.count > 1 ? candidates.first { normalized($0.spelling).starts(with: wanted) }?.answer : nil
  }

  /// Lower case without separators, so that `learning_rate` is `learningRate`.
  private static func normalized(_ name: String) -> [UInt8] {
    name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }

  /// `lr` of `learningRate`.
  private static func initials(_ name: String) -> String {
    String(name.prefix(1)) + name.dropFirst().filter(\.isUppercase).lowercased()
  }

  /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
  static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [Int](repeating: i + 1, count: b.count + 1)
      for j in 0..<b.count {
        row[j + 1] = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], before[j - 1] + 1) }
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
