/// What came out of measuring the same thing several times; at least once.
struct Measurements {
  private let sorted: [Double]

  init(_ values: [Double]) {
    precondition(!values.isEmpty, "Nothing was measured.")
    sorted = values.sorted()
  }

  /// The middle one; of an even number the mean of the two in the middle.
  var median: Double { quantile(0.5) }
  var least: Double { sorted[0] }
  var greatest: Double { sorted[sorted.count - 1] }

  /// The value below which a share of the values lies, between two of them in proportion.
  func quantile(_ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  /// The same, as far as Chrome's traces resolve it.
  var microseconds: Double { Double(components.seconds) * 1e6 + Double(components.attoseconds / 1_000_000_000) * 1e-3 }
}
