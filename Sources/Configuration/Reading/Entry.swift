/// Where a value was written, so that a message can point at it.
enum Origin: Equatable, Sendable {
  /// Nowhere: the value was made by the program.
  case program
  case file(String)
  case line(file: String, number: Int)
  /// An override of the command line, as it was typed.
  case override(String)

  var prefix: String {
    switch self {
    case .program: ""
    case .file(let name): "\(name): "
    case .line(let file, let number): "\(file):\(number): "
    case .override(let text): "override \(text.clipped): "
    }
  }
}

/// A value as it was written, before any key has given it a meaning.
indirect enum Content: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([Entry])
  case section([Member])

  /// What a message calls a value of this kind.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer, .number: "a number"
    case .text: "a string"
    case .list: "a list"
    case .section: "a section of keys"
    }
  }

  /// The value itself, as a message shows it.
  var shown: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): YAMLText.number(value)
    case .text(let value): value.quoted
    default: kind
    }
  }
}

/// A value and where it was written.
struct Entry: Equatable, Sendable {
  var content: Content
  var origin: Origin
}

/// A key of a section with its value.
struct Member: Equatable, Sendable {
  let name: String
  /// Where the key was written, which is not always where its value starts.
  var origin: Origin
  var entry: Entry
}

extension Entry {
  /// The entry at a dotted path, if it was written.
  func member(at path: String) -> Member? {
    var entry = self
    var found: Member?
    for name in path.split(separator: ".") {
      guard case .section(let members) = entry.content, let member = members.first(where: { $0.name == name })
      else { return nil }
      found = member
      entry = member.entry
    }
    return found
  }
}

extension String {
  /// At most 80 characters of the text, with control characters made visible.
  var clipped: String {
    var text = ""
    for scalar in unicodeScalars.prefix(80) {
      text += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return unicodeScalars.dropFirst(80).isEmpty ? text : text + "…"
  }

  /// The text between quotes, clipped.
  var quoted: String { "\"\(clipped)\"" }
}
