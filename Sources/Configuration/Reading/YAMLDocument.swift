import Yams

/// One YAML document as entries with line numbers: no anchors, aliases, tags, duplicate keys or second document.
struct YAMLDocument {
  /// Where line `number` of the text is.
  let origin: @Sendable (_ number: Int?) -> Origin

  /// The document in a file of this name.
  init(file: String) {
    origin = { number in number.map { .line(file: file, number: $0) } ?? .file(file) }
  }

  /// The value of an override.
  init(override text: String) {
    origin = { _ in .override(text) }
  }

  /// The value that `text` holds; null if it is empty.
  func read(_ text: String) throws(ConfigurationError) -> Entry {
    let root: Node?
    let parser: Parser
    do {
      // The parser knows of a byte order mark only when it guesses the encoding. No resolver: `PlainScalar` resolves.
      let content = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
      parser = try Parser(yaml: content, resolver: .basic, encoding: .utf8)
      root = try parser.singleRoot()
    } catch let error as YamlError {
      throw refusal(of: error, in: text)
    } catch {
      throw ConfigurationError(origin(nil), "the YAML cannot be parsed: \(error)")
    }
    guard let root else { return Entry(content: .null, origin: origin(1)) }
    // The nodes hold their anchors weakly; the parser owns them.
    let result: Result<Entry, ConfigurationError> = withExtendedLifetime(parser) {
      do throws(ConfigurationError) { return .success(try entry(of: root)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func entry(of node: Node) throws(ConfigurationError) -> Entry {
    let place = origin(node.mark?.line)
    if node.anchor != nil { throw ConfigurationError(place, Self.aliasSentence) }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      let expected = isPlain ? Tag.Name.implicit.rawValue : Tag.Name.str.rawValue
      guard scalar.tag.rawValue == expected else { throw tagRefusal(scalar.tag, place) }
      return Entry(content: isPlain ? PlainScalar.content(of: scalar.string) : .text(scalar.string), origin: place)
    case .sequence(let sequence):
      guard sequence.tag.rawValue == Tag.Name.implicit.rawValue else { throw tagRefusal(sequence.tag, place) }
      var entries: [Entry] = []
      for element in sequence { entries.append(try entry(of: element)) }
      return Entry(content: .list(entries), origin: place)
    case .mapping(let mapping):
      guard mapping.tag.rawValue == Tag.Name.implicit.rawValue else { throw tagRefusal(mapping.tag, place) }
      var members: [Member] = []
      for (key, value) in mapping { members.append(try member(key, value)) }
      return Entry(content: .section(members), origin: place)
    case .alias:
      throw ConfigurationError(place, Self.aliasSentence)
    }
  }

  private func member(_ key: Node, _ value: Node) throws(ConfigurationError) -> Member {
    let place = origin(key.mark?.line)
    if key.anchor != nil { throw ConfigurationError(place, Self.aliasSentence) }
    guard case .scalar(let name) = key else {
      throw ConfigurationError(place, "a key must be a word, not a list or section")
    }
    // The parser's search for duplicates has already marked keys without a tag as strings.
    guard [Tag.Name.implicit, .str].map(\.rawValue).contains(name.tag.rawValue) else {
      throw tagRefusal(name.tag, place)
    }
    return Member(name: name.string, origin: place, entry: try entry(of: value))
  }

  private static let aliasSentence = "anchors (&) and aliases (*) are not allowed; write the value out"

  private func tagRefusal(_ tag: Tag, _ place: Origin) -> ConfigurationError {
    ConfigurationError(place, "tags such as \(tag.rawValue.quoted) are not allowed; write the plain value")
  }

  private func refusal(of error: YamlError, in text: String) -> ConfigurationError {
    switch error {
    case .duplicatedKeysInMapping(let names, let first):
      return duplicateRefusal(names.sorted().first ?? "", first.mark, in: text)
    case .composer(_, let problem, let mark, _) where problem.contains("alias"):
      return ConfigurationError(origin(mark.line), Self.aliasSentence)
    case .composer(_, _, let mark, _):
      return ConfigurationError(origin(mark.line), "a second document starts here; a configuration is one document")
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
      return ConfigurationError(origin(mark.line), "the YAML cannot be parsed: \(problem)")
    case .reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 }
      return ConfigurationError(origin(line), "the YAML cannot be read: \(problem)")
    default:
      return ConfigurationError(origin(nil), "the YAML cannot be parsed: \(error)")
    }
  }
}
