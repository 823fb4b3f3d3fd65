/// Elementary functions made of additions, multiplications and divisions alone, so that schedules have the same bits on
/// every machine, whatever its C library.
public enum Elementary {
  private static let ln2 = 0.6931471805599453

  /// cos(π·x) for x in 0...1, within 2^-50.
  public static func cosPi(_ x: Double) -> Double {
    // Around the zero at 1/2 as a sine, so that both ends are exact.
    let y = (0.5 - x) * Double.pi
    var term = y
    var sum = y
    for n in 1...12 {
      term *= -y * y / Double(2 * n * (2 * n + 1))
      sum += term
    }
    return sum
  }

  /// base^exponent for a base ≥ 0.
  public static func power(_ base: Double, _ exponent: Double) -> Double {
    guard base > 0 else { return exponent == 0 ? 1 : 0 }
    if exponent == exponent.rounded(), abs(exponent) <= 64 { return wholePower(base, Int(exponent)) }
    return exp(exponent * log(base))
  }

  private static func wholePower(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= base }
    return exponent < 0 ? 1 / result : result
  }

  /// The natural logarithm of a positive number: 2·artanh((m − 1)/(m + 1)) of the significand.
  public static func log(_ x: Double) -> Double {
    let m = x.significand
    let t = (m - 1) / (m + 1)
    var term = t
    var sum = t
    for n in 1...40 {
      term *= t * t
      sum += term / Double(2 * n + 1)
    }
    return 2 * sum + Double(x.exponent) * ln2
  }

  /// e^x; 0 and infinity beyond the range of Double.
  public static func exp(_ x: Double) -> Double {
    guard x > -745, x < 709 else { return x < 0 ? 0 : x.isNaN ? x : .infinity }
    let n = (x / ln2).rounded()
    let r = x - n * ln2
    var term = 1.0
    var sum = 1.0
    for k in 1...20 {
      term *= r / Double(k)
      sum += term
    }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
  }
}
