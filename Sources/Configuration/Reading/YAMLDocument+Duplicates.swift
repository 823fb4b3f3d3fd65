import Yams

/// The parser names a duplicate key and the line of its first use only. The path and the second line are found by
/// giving the first use another name of the same length and parsing again.
extension YAMLDocument {
  func duplicateRefusal(_ name: String, _ first: Mark, in text: String) -> ConfigurationError {
    let plain = ConfigurationError(origin(first.line), "the key \(name.quoted) is given twice; keep one")
    guard let renamed = text.renaming(name, at: first, to: String(repeating: "_", count: name.count)),
      let root = try? Parser(yaml: renamed, resolver: .basic, encoding: .utf8).singleRoot(),
      let (path, line) = secondUse(of: name, first, in: root, path: "")
    else { return plain }
    return ConfigurationError(
      origin(line), "the key \(path.clipped) is given twice, first on line \(first.line); keep one")
  }

  /// The mapping that has a key at `first`: its path with `name`, and the line of the key that still has that name.
  private func secondUse(of name: String, _ first: Mark, in node: Node, path: String) -> (String, Int)? {
    switch node {
    case .mapping(let mapping):
      if mapping.keys.contains(where: { $0.mark?.line == first.line && $0.mark?.column == first.column }),
        let line = mapping.keys.first(where: { $0.scalar?.string == name })?.mark?.line
      {
        return (path + name, line)
      }
      for (key, value) in mapping {
        if let found = secondUse(of: name, first, in: value, path: path + (key.scalar?.string ?? "?") + ".") {
          return found
        }
      }
      return nil
    case .sequence(let sequence):
      for element in sequence {
        if let found = secondUse(of: name, first, in: element, path: path) { return found }
      }
      return nil
    default:
      return nil
    }
  }
}

extension String {
  /// The text with `name`, if it stands at `mark`, replaced.
  fileprivate func renaming(_ name: String, at mark: Mark, to other: String) -> String? {
    var scalars = Array(unicodeScalars)
    var line = 1
    var index = 0
    while line < mark.line, index < scalars.count {
      if scalars[index] == "\n" { line += 1 }
      index += 1
    }
    index += mark.column - 1
    if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    let old = Array(name.unicodeScalars)
    guard index + old.count <= scalars.count, Array(scalars[index..<index + old.count]) == old else { return nil }
    scalars.replaceSubrange(index..<index + old.count, with: other.unicodeScalars)
    return String(String.UnicodeScalarView(scalars))
  }
}
