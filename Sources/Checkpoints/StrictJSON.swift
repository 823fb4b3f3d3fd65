/// A JSON value of the few kinds that a safetensors header needs, parsed without mercy.
///
/// Refuses what lenient parsers let through: the same key twice, more than four levels, numbers that are not plain
/// non-negative integers, bad UTF-8, and anything but blanks behind the value.
enum StrictJSON: Equatable {
  case object([Member])
  case array([StrictJSON])
  case string(String)
  case integer(Int)

  struct Member: Equatable {
    let key: String
    let value: StrictJSON
  }

  /// Why a text is refused.
  struct Refusal: Error, Equatable {
    let reason: String
  }

  static let maximumDepth = 4

  init(parsing bytes: [UInt8]) throws(Refusal) {
    var scanner = JSONScanner(bytes: bytes)
    self = try scanner.value(depth: 1)
    try scanner.expectEnd()
  }

  /// `text` as a JSON string, escaped as serde_json does.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case _ where scalar.value < 0x20: result += "\\u" + UInt16(scalar.value).hexadecimal
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
