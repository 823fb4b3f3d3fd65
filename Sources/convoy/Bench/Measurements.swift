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
}

/// `value` with this number of digits behind the point.
func fixed(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int((abs(value) * Double(scale)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(scaled)" }
  let fraction = String(scaled % scale)
  return "\(sign)\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
