import ArgumentParser

/// Refuses an option that was given and lies outside of `limits`.
func requireOption(_ name: String, _ value: Int?, in limits: ClosedRange<Int>) throws {
  guard let value, !limits.contains(value) else { return }
  throw ValidationError("\(name) must be \(limits.lowerBound) to \(limits.upperBound), not \(value).")
}

/// The limits that configurations have too.
enum OptionLimits {
  static let threads = 1...4096
  static let images = 1...1 << 24
  static let classes = 1...1 << 24
  static let pixels = 1...1 << 14
}
