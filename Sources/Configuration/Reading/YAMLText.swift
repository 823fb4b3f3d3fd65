/// YAML as Convoy writes it: sections indented by two spaces, lists in brackets, readable by YAML 1.1 and 1.2.
enum YAMLText {
  static func document(_ content: Content) -> String {
    guard case .section(let members) = content else { return scalar(content) + "\n" }
    return lines(members, indentation: "")
  }

  private static func lines(_ members: [Member], indentation: String) -> String {
    var text = ""
    for member in members {
      if case .section(let inner) = member.entry.content {
        text += "\(indentation)\(member.name):\n" + lines(inner, indentation: indentation + "  ")
      } else {
        text += "\(indentation)\(member.name): \(scalar(member.entry.content))\n"
      }
    }
    return text
  }

  /// A value on one line.
  static func scalar(_ content: Content) -> String {
    switch content {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): number(value)
    case .text(let value): text(value)
    case .list(let entries): "[" + entries.map { scalar($0.content) }.joined(separator: ", ") + "]"
    case .section: preconditionFailure("a section is not a scalar")
    }
  }

  /// The shortest text that reads back as the same number; with a point, because YAML 1.1 takes `1e-05` for a string.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf" }
    let text = "\(value)"
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  private static let wordsOfOldYAML: Set<String> = ["y", "n", "yes", "no", "on", "off", "null", "true", "false"]

  private static func text(_ value: String) -> String {
    let isWord = value.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_./-".unicodeScalars.contains(scalar))
    }
    let starts = value.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" || $0 == "." } ?? false
    if isWord, starts, case .text = PlainScalar.content(of: value), !wordsOfOldYAML.contains(value.lowercased()),
      value != "...", value != "."
    {
      return value
    }
    var quoted = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default:
        let isPrintable =
          scalar.value >= 0x20 && !(0x7F...0xA0).contains(scalar.value)
          && ![0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains(scalar.value)
        if isPrintable {
          quoted.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return quoted + "\""
  }
}
