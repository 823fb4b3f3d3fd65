/// JSON as Convoy writes it: members keep their order, numbers read back as the same bits.
indirect enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  /// Finite, as `Double.json` makes it.
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    let name: String
    let value: JSONValue
  }

  /// One line, without spaces at the ends.
  var line: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): Self.quoted(value)
    case .list(let values): "[" + values.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.name)): \($0.value.line)" }.joined(separator: ", ") + "}"
    }
  }

  /// A member per line, indented by two spaces; objects below the first `levels` are lines.
  func page(levels: Int = .max, indentation: String = "") -> String {
    guard levels > 0, case .object(let members) = self, !members.isEmpty else { return line }
    let inner = indentation + "  "
    let lines = members.map {
      "\(inner)\(Self.quoted($0.name)): \($0.value.page(levels: levels - 1, indentation: inner))"
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\u{0}"..<" ", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// What can stand in JSON; nil is null.
protocol JSONRepresentable {
  var json: JSONValue { get }
}

extension Int: JSONRepresentable { var json: JSONValue { .integer(self) } }
extension Double: JSONRepresentable {
  // JSON has no word for what is not a number.
  var json: JSONValue { isFinite ? .number(self) : .null }
}
extension String: JSONRepresentable { var json: JSONValue { .text(self) } }
extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
  var json: JSONValue { self?.json ?? .null }
}
extension Array: JSONRepresentable where Element: JSONRepresentable {
  var json: JSONValue { .list(map(\.json)) }
}

extension JSONValue {
  /// An object of these members in this order.
  init(_ members: KeyValuePairs<String, any JSONRepresentable>) {
    self = .object(members.map { Member(name: $0.key, value: $0.value.json) })
  }

  /// The object without the members that are null.
  var withoutNulls: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.value != .null })
  }
}
