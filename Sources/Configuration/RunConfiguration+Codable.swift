/// JSON with the keys of the YAML. Keys that an older version did not write get their default; unknown ones are
/// refused.
extension RunConfiguration: Codable {
  public init(from decoder: any Decoder) throws {
    let content = try Content(from: decoder)
    try self.init(Entry(content: content, origin: .program), name: .program)
  }

  public func encode(to encoder: any Encoder) throws {
    try content.encode(to: encoder)
  }
}

extension Content: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Name.self) {
      self = .section(
        try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
          let entry = Entry(content: try container.decode(Content.self, forKey: key), origin: .program)
          return Member(name: key.stringValue, origin: .program, entry: entry)
        })
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else {
      self = .list(try container.decode([Content].self).map { Entry(content: $0, origin: .program) })
    }
  }

  func encode(to encoder: any Encoder) throws {
    if case .section(let members) = self {
      var container = encoder.container(keyedBy: Name.self)
      for member in members { try container.encode(member.entry.content, forKey: Name(stringValue: member.name)) }
      return
    }
    var container = encoder.singleValueContainer()
    switch self {
    case .null, .section: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let entries): try container.encode(entries.map(\.content))
    }
  }
}
