/// One key of a section: its name, its type and its rules, from which reading, overriding and writing all follow.
struct Key<Root>: Sendable {
  let name: String
  /// Stores what was written under this key.
  let read: @Sendable (_ root: inout Root, _ entry: Entry, _ path: String) throws(ConfigurationError) -> Void
  /// The value of this key, for the resolved configuration.
  let write: @Sendable (Root) -> Content
  /// The keys below this one that hold a value, with their full paths.
  let leaves: @Sendable (_ path: String) -> [LeafPath]

  /// A key with a value.
  static func value<Value: Leaf>(
    _ name: String, _ property: any WritableKeyPath<Root, Value> & Sendable, _ rules: Rule...
  ) -> Key {
    Key(
      name: name,
      read: { (root, entry, path) throws(ConfigurationError) in
        root[keyPath: property] = try Self.checked(entry, rules, path)
      },
      write: { $0[keyPath: property].content },
      leaves: { [LeafPath(path: $0, isText: Value.isText)] })
  }

  /// A key with keys of its own.
  static func section<Value: Section>(_ name: String, _ property: any WritableKeyPath<Root, Value> & Sendable) -> Key {
    Key(
      name: name,
      read: { (root, entry, path) throws(ConfigurationError) in try root[keyPath: property].read(entry, at: path) },
      write: { $0[keyPath: property].content },
      leaves: { Value.leaves(at: $0) })
  }

  private static func checked<Value: Leaf>(
    _ entry: Entry, _ rules: [Rule], _ path: String
  ) throws(ConfigurationError) -> Value {
    guard let value = Value.read(entry.content) else { throw wrongKind(entry, Value.self, path) }
    var parts = [(path: path, entry: entry)]
    if case .list(let elements) = entry.content {
      parts = elements.enumerated().map { ("\(path)[\($0.offset)]", $0.element) }
    }
    for part in parts {
      guard let broken = ([.finite] + rules).first(where: { !$0.holds(part.entry.content) }) else { continue }
      throw ConfigurationError(
        part.entry.origin, "\(part.path) must \(broken.phrase), not \(part.entry.content.shown)")
    }
    return value
  }

  private static func wrongKind<Value: Leaf>(
    _ entry: Entry, _ type: Value.Type, _ path: String
  ) -> ConfigurationError {
    let allowed = Value.words
    if !allowed.isEmpty, case .text(let word) = entry.content {
      let suggestion = Suggestion.name(for: word, among: allowed).map { "; did you mean \($0)?" } ?? ""
      return ConfigurationError(entry.origin, "\(path) must be \(Value.kind), not \(word.quoted)\(suggestion)")
    }
    // The reason a number is refused is that it has a fraction: show it.
    if case .number = entry.content {
      return ConfigurationError(entry.origin, "\(path) must be \(Value.kind), not \(entry.content.shown)")
    }
    if case .list(let elements) = entry.content, let (index, element) = Value.strayElement(of: elements) {
      return ConfigurationError(
        element.origin, "\(path)[\(index)] must be \(Value.elementKind), not \(element.content.kind)")
    }
    return ConfigurationError(entry.origin, "\(path) must be \(Value.kind), not \(entry.content.kind)")
  }
}

/// A key path that holds a value.
struct LeafPath: Equatable, Sendable {
  let path: String
  /// Whether an override takes the value as typed.
  let isText: Bool
}
