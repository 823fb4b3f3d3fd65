/// " Did you mean "x"?" for the known name nearest to `name`, if one is near.
func suggestion(for name: String, among known: [String]) -> String {
  let nearest = known.map { ($0, editDistance(name, $0)) }.min { $0.1 < $1.1 }
  guard let nearest, nearest.1 <= 3 else { return "" }
  return " Did you mean \"\(nearest.0)\"?"
}

/// Levenshtein's distance.
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
