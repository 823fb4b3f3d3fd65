/// The core schema of YAML 1.2 for unquoted scalars: `yes`, `010` and `1:30` are not what YAML 1.1 made of them.
enum PlainScalar {
  static func content(of text: String) -> Content {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    default: return number(in: text) ?? .text(text)
    }
  }

  /// `[-+]? ( digits [. digits?]? | . digits ) ( [eE] [-+]? digits )?`, a whole number if only digits.
  private static func number(in text: String) -> Content? {
    var rest = Substring(text)
    if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
    var mantissaDigits = takeDigits(&rest)
    if rest.isEmpty && mantissaDigits > 0, let value = Int(text) { return .integer(value) }
    if rest.first == "." {
      rest.removeFirst()
      mantissaDigits += takeDigits(&rest)
    }
    guard mantissaDigits > 0 else { return nil }
    if rest.first == "e" || rest.first == "E" {
      rest.removeFirst()
      if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
      guard takeDigits(&rest) > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    // Swift's parser wants a digit on both sides of the point.
    return Double(text.hasSuffix(".") ? text + "0" : text.replacingPointBeforeExponent).map(Content.number)
  }

  private static func takeDigits(_ text: inout Substring) -> Int {
    let digits = text.prefix { ("0"..."9").contains($0) && $0.isASCII }
    text.removeFirst(digits.count)
    return digits.count
  }
}

extension String {
  /// `5.e-4` as `5e-4`.
  fileprivate var replacingPointBeforeExponent: String {
    var result = ""
    for character in self {
      if character == "e" || character == "E", result.last == "." { result.removeLast() }
      result.append(character)
    }
    return result
  }
}
