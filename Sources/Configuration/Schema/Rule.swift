/// A condition that the value of a key, or every element of its list, must satisfy.
struct Rule: Sendable {
  /// What a message says: "must …".
  let phrase: String
  let holds: @Sendable (Content) -> Bool

  private static func number(_ phrase: String, _ holds: @escaping @Sendable (Double) -> Bool) -> Rule {
    Rule(phrase: phrase) { content in Double.read(content).map(holds) ?? true }
  }

  /// Every number: no infinities and no NaN.
  static let finite = number("be a finite number", \.isFinite)

  static func between(_ lower: Int, _ upper: Int) -> Rule {
    number("be between \(lower) and \(upper)") { Double(lower) <= $0 && $0 <= Double(upper) }
  }

  static func between(_ lower: Double, _ upper: Double) -> Rule {
    number("be between \(lower) and \(upper)") { lower <= $0 && $0 <= upper }
  }

  /// lower <= value < upper.
  static func from(_ lower: Double, below upper: Double) -> Rule {
    number("be at least \(lower) and below \(upper)") { lower <= $0 && $0 < upper }
  }

  static func above(_ bound: Double, upTo upper: Double) -> Rule {
    number("be above \(bound) and at most \(upper)") { bound < $0 && $0 <= upper }
  }

  static let notNegative = number("not be negative") { $0 >= 0 }
  static let positive = number("be above 0") { $0 > 0 }

  /// Text that can name something: not empty, no control characters.
  static let legible = Rule(phrase: "be a name or path without control characters") { content in
    guard case .text(let text) = content else { return true }
    return !text.isEmpty && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
