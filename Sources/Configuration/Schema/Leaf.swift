/// A Swift type that a key can hold.
protocol Leaf: Equatable, Sendable {
  /// What a message calls it: "must be …".
  static var kind: String { get }
  /// Whether an override takes its value as typed instead of as YAML.
  static var isText: Bool { get }
  /// The value that was written, or nil if it is of another kind.
  static func read(_ content: Content) -> Self?
  var content: Content { get }

  /// The words it accepts, if they are few.
  static var words: [String] { get }
  /// What a message calls an element of a list.
  static var elementKind: String { get }
  /// The first element of a list that this type cannot hold.
  static func strayElement(of elements: [Entry]) -> (index: Int, element: Entry)?
}

extension Leaf {
  static var isText: Bool { false }
  static var words: [String] { [] }
  static var elementKind: String { kind }
  static func strayElement(of elements: [Entry]) -> (index: Int, element: Entry)? { nil }
}

extension Bool: Leaf {
  static var kind: String { "true or false" }
  static func read(_ content: Content) -> Bool? {
    guard case .boolean(let value) = content else { return nil }
    return value
  }
  var content: Content { .boolean(self) }
}

extension Int: Leaf {
  static var kind: String { "a whole number" }
  static func read(_ content: Content) -> Int? {
    guard case .integer(let value) = content else { return nil }
    return value
  }
  var content: Content { .integer(self) }
}

extension Double: Leaf {
  static var kind: String { "a number" }
  static func read(_ content: Content) -> Double? {
    switch content {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  var content: Content { .number(self) }
}

extension String: Leaf {
  static var kind: String { "a string" }
  static var isText: Bool { true }
  static func read(_ content: Content) -> String? {
    guard case .text(let value) = content else { return nil }
    return value
  }
  var content: Content { .text(self) }
}

extension Array: Leaf where Element: Leaf {
  static var kind: String { Element.self == Int.self ? "a list of whole numbers" : "a list of numbers" }
  static func read(_ content: Content) -> [Element]? {
    guard case .list(let entries) = content else { return nil }
    var elements: [Element] = []
    for entry in entries {
      guard let element = Element.read(entry.content) else { return nil }
      elements.append(element)
    }
    return elements
  }
  var content: Content { .list(map { Entry(content: $0.content, origin: .program) }) }
  static var elementKind: String { Element.kind }
  static func strayElement(of elements: [Entry]) -> (index: Int, element: Entry)? {
    guard let index = elements.firstIndex(where: { Element.read($0.content) == nil }) else { return nil }
    return (index, elements[index])
  }
}

extension Optional: Leaf where Wrapped: Leaf {
  static var kind: String {
    Wrapped.words.isEmpty ? Wrapped.kind + " or null" : (Wrapped.words + ["null"]).alternatives
  }
  static var isText: Bool { Wrapped.isText }
  static func read(_ content: Content) -> Wrapped?? {
    if content == .null { return .some(nil) }
    return Wrapped.read(content).map { .some($0) }
  }
  var content: Content { self?.content ?? .null }
  static var words: [String] { Wrapped.words }
  static var elementKind: String { Wrapped.elementKind }
  static func strayElement(of elements: [Entry]) -> (index: Int, element: Entry)? {
    Wrapped.strayElement(of: elements)
  }
}

/// A leaf that is one of a few words.
protocol Choice: Leaf, CaseIterable, RawRepresentable where RawValue == String {}

extension Choice {
  static var words: [String] { allCases.map(\.rawValue) }
  static var kind: String { words.alternatives }
  static func read(_ content: Content) -> Self? {
    guard case .text(let word) = content else { return nil }
    return Self(rawValue: word)
  }
  var content: Content { .text(rawValue) }
}

extension [String] {
  /// `a, b or c`.
  fileprivate var alternatives: String {
    count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + suffix(1).joined()
  }
}
