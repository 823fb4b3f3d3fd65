/// A part of the configuration whose keys are listed as data.
protocol Section: Equatable, Sendable {
  /// Every key in the order in which the resolved configuration shows them.
  static var keys: [Key<Self>] { get }
}

extension Section {
  /// Takes over what was written; keys that were not written keep their value.
  mutating func read(_ entry: Entry, at path: String) throws(ConfigurationError) {
    let members: [Member]
    switch entry.content {
    case .section(let written): members = written
    // A section whose keys are all commented out.
    case .null: members = []
    default:
      let name = path.isEmpty ? "a configuration" : path
      throw ConfigurationError(entry.origin, "\(name) must be a section of keys, not \(entry.content.kind)")
    }
    for member in members {
      guard let key = Self.keys.first(where: { $0.name == member.name }) else {
        throw ConfigurationError(member.origin, Self.unknownSentence(member.name, in: path))
      }
      try key.read(&self, member.entry, path.isEmpty ? member.name : path + "." + member.name)
    }
  }

  /// All keys with their values.
  var content: Content {
    .section(
      Self.keys.map { key in
        Member(name: key.name, origin: .program, entry: Entry(content: key.write(self), origin: .program))
      })
  }

  static func leaves(at path: String) -> [LeafPath] {
    keys.flatMap { $0.leaves(path.isEmpty ? $0.name : path + "." + $0.name) }
  }

  private static func unknownSentence(_ name: String, in path: String) -> String {
    let names = keys.map(\.name)
    let full = path.isEmpty ? name : path + "." + name
    let subject = "unknown key \(full.clipped)"
    if name.contains("."), RunConfiguration.keyPaths.contains(full) {
      return "\(subject); dotted paths are for overrides, in a file each section has its own lines"
    }
    if let near = Suggestion.name(for: name, among: names) {
      return "\(subject); did you mean \(path.isEmpty ? near : path + "." + near)?"
    }
    if let elsewhere = Suggestion.path(endingIn: name, among: RunConfiguration.keyPaths) {
      return "\(subject); did you mean \(elsewhere)?"
    }
    let place = path.isEmpty ? "the keys are" : "the keys of \(path) are"
    return "\(subject); \(place) \(names.joined(separator: ", "))"
  }
}
