import Glibc

/// Numbers as the console shows them.
package enum NumberText {
  /// `digits` digits after the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String { formatted("%.\(digits)f", value) }

  /// At most `digits` significant digits, with an exponent where that is shorter.
  package static func general(_ value: Double, _ digits: Int) -> String { formatted("%.\(digits)g", value) }

  /// A whole number of percent of a share 0...1.
  package static func percent(_ share: Double) -> String { fixed(100 * share, 0) + "%" }

  /// A rate: whole from 10 on, else with one digit after the point.
  package static func rate(_ perSecond: Double) -> String { fixed(perSecond, perSecond < 9.95 ? 1 : 0) }

  /// `45s`, `12m30s`, `5h12m`, `3d4h`; `?` for what nobody can know.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    let total = Int(seconds.rounded())
    func pair(_ high: Int, _ highName: String, _ low: Int, _ lowName: String) -> String {
      low == 0 ? "\(high)\(highName)" : "\(high)\(highName)\(low)\(lowName)"
    }
    return switch total {
    case ..<60: "\(total)s"
    case ..<3600: pair(total / 60, "m", total % 60, "s")
    case ..<86400: pair(total / 3600, "h", total / 60 % 60, "m")
    default: pair(total / 86400, "d", total / 3600 % 24, "h")
    }
  }

  private static func formatted(_ format: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
      var bytes = [CChar](repeating: 0, count: 400)
      let count = vsnprintf(&bytes, bytes.count, format, arguments)
      return String(decoding: bytes.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
