/// Reads JSON values from bytes, front to back.
struct JSONScanner {
  private let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func value(depth: Int) throws(StrictJSON.Refusal) -> StrictJSON {
    skipBlanks()
    switch peek {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return .integer(try integer())
    default: throw refusal("an object, a list, a text or a whole number was expected")
    }
  }

  mutating func expectEnd() throws(StrictJSON.Refusal) {
    skipBlanks()
    guard place == bytes.count else { throw refusal("there is something behind its end") }
  }

  private mutating func object(depth: Int) throws(StrictJSON.Refusal) -> [StrictJSON.Member] {
    var members: [StrictJSON.Member] = []
    var keys: Set<String> = []
    try list(closedBy: UInt8(ascii: "}"), depth: depth) { (scanner) throws(StrictJSON.Refusal) in
      guard scanner.peek == UInt8(ascii: "\"") else { throw scanner.refusal("a key was expected") }
      let key = try scanner.string()
      guard keys.insert(key).inserted else { throw scanner.refusal("the key \(StrictJSON.quoted(key)) comes twice") }
      scanner.skipBlanks()
      guard scanner.take(UInt8(ascii: ":")) else { throw scanner.refusal("\":\" was expected") }
      members.append(StrictJSON.Member(key: key, value: try scanner.value(depth: depth + 1)))
    }
    return members
  }

  private mutating func array(depth: Int) throws(StrictJSON.Refusal) -> [StrictJSON] {
    var elements: [StrictJSON] = []
    try list(closedBy: UInt8(ascii: "]"), depth: depth) { (scanner) throws(StrictJSON.Refusal) in
      elements.append(try scanner.value(depth: depth + 1))
    }
    return elements
  }

  /// Reads an opening bracket, elements with commas between them, and `end`.
  private mutating func list(
    closedBy end: UInt8, depth: Int, _ element: (inout JSONScanner) throws(StrictJSON.Refusal) -> Void
  ) throws(StrictJSON.Refusal) {
    guard depth <= StrictJSON.maximumDepth else { throw refusal("it is nested too deeply") }
    place += 1
    skipBlanks()
    if take(end) { return }
    while true {
      skipBlanks()
      try element(&self)
      skipBlanks()
      if take(end) { return }
      guard take(UInt8(ascii: ",")) else { throw refusal("\",\" or a closing bracket was expected") }
    }
  }

  private mutating func integer() throws(StrictJSON.Refusal) -> Int {
    let start = place
    var number = 0
    while let digit = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      let (tenfold, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, carries) = tenfold.addingReportingOverflow(Int(digit) - 48)
      guard !overflows, !carries else { throw refusal("a number is too large") }
      number = sum
      place += 1
    }
    guard place - start == 1 || bytes[start] != UInt8(ascii: "0") else { throw refusal("a number begins with 0") }
    return number
  }

  private mutating func string() throws(StrictJSON.Refusal) -> String {
    var units: [UInt8] = []
    place += 1
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else { throw refusal("a text is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): units.append(contentsOf: String(try escape()).utf8)
      case ..<0x20: throw refusal("a text holds a control character")
      default: units.append(byte)
      }
    }
    throw refusal("a text does not end")
  }

  /// The character that a backslash stands for.
  private mutating func escape() throws(StrictJSON.Refusal) -> Unicode.Scalar {
    guard let byte = peek else { throw refusal("a text does not end") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint()
    default: throw refusal("a text holds an unknown escape")
    }
  }

  private mutating func codePoint() throws(StrictJSON.Refusal) -> Unicode.Scalar {
    let high = try codeUnit()
    var point = UInt32(high)
    if UTF16.isLeadSurrogate(high) {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw refusal("half a surrogate pair") }
      let low = try codeUnit()
      guard UTF16.isTrailSurrogate(low) else { throw refusal("half a surrogate pair") }
      point = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(point) else { throw refusal("half a surrogate pair") }
    return scalar
  }

  private mutating func codeUnit() throws(StrictJSON.Refusal) -> UInt16 {
    let digits = bytes.dropFirst(place).prefix(4)
    guard digits.count == 4, let text = String(validating: digits, as: UTF8.self),
      text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), let unit = UInt16(text, radix: 16)
    else { throw refusal("\\u needs four hexadecimal digits") }
    place += 4
    return unit
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private func refusal(_ reason: String) -> StrictJSON.Refusal {
    StrictJSON.Refusal(reason: "\(reason) at byte \(place)")
  }
}
