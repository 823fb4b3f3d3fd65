/// `key.path=value` of the command line.
///
/// A key that holds text takes the value as typed (the shell has its own quotes); every other value is YAML.
/// `null` unsets in both.
struct Override {
  let path: String
  let entry: Entry

  init(_ text: String) throws(ConfigurationError) {
    let origin = Origin.override(text)
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ConfigurationError(origin, "an override has the form key.path=value, for example train.epochs=10")
    }
    path = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    guard let leaf = RunConfiguration.leaves.first(where: { [path] in $0.path == path }) else {
      throw ConfigurationError(origin, Self.unknownSentence(path))
    }
    if leaf.isText {
      entry = Entry(content: value == "null" ? .null : .text(value), origin: origin)
    } else {
      entry = try YAMLDocument(override: text).read(value)
    }
  }

  private static func unknownSentence(_ path: String) -> String {
    let leaves = RunConfiguration.leaves.map(\.path)
    if let example = leaves.first(where: { $0.hasPrefix(path + ".") }) {
      return "\(path) is a section; override one of its keys, for example \(example)=…"
    }
    guard let suggestion = Suggestion.path(for: path, among: leaves) else {
      return "there is no key \(path.clipped)"
    }
    return "there is no key \(path.clipped); did you mean \(suggestion)?"
  }

  /// The tree with this value in it.
  func applied(to root: Entry) throws(ConfigurationError) -> Entry {
    try Self.setting(path.split(separator: ".").map(String.init)[...], to: entry, in: root, at: "")
  }

  private static func setting(
    _ names: ArraySlice<String>, to value: Entry, in tree: Entry, at path: String
  ) throws(ConfigurationError) -> Entry {
    guard let name = names.first else { return value }
    var members: [Member] = []
    switch tree.content {
    case .section(let existing): members = existing
    case .null: break
    default: throw ConfigurationError(tree.origin, "\(path) must be a section of keys, not \(tree.content.kind)")
    }
    let inner = path.isEmpty ? name : path + "." + name
    if let index = members.firstIndex(where: { $0.name == name }) {
      members[index].entry = try setting(names.dropFirst(), to: value, in: members[index].entry, at: inner)
      members[index].origin = names.count == 1 ? value.origin : members[index].origin
    } else {
      let empty = Entry(content: .null, origin: value.origin)
      let entry = try setting(names.dropFirst(), to: value, in: empty, at: inner)
      members.append(Member(name: name, origin: value.origin, entry: entry))
    }
    return Entry(content: .section(members), origin: tree.origin)
  }
}
