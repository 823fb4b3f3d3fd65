/// What came out of measuring the same thing several times; at least once.
struct Measurements {
  private let sorted: [Double]

  init(_ values: [Double]) {
    precondition(!values.isEmpty, "Nothing was measured.")
    sorted = values.sorted()
  }

  /// The middle one; of an even number the greater of the two in the middle.
  var median: Double { sorted[sorted.count / 2] }
  var least: Double { sorted[0] }
  var greatest: Double { sorted[sorted.count - 1] }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  /// The same, as far as Chrome's traces resolve it.
  var microseconds: Double { Double(components.seconds) * 1e6 + Double(components.attoseconds / 1_000_000_000) * 1e-3 }
}
