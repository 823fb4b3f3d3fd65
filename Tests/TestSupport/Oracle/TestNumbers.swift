public import Tensors

/// Reproducible numbers for tests. All are floats, so that kernels and oracle see the same inputs.
public struct TestNumbers: Sendable {
  private var stream: RandomStream

  public init(seed: UInt64) { stream = RandomStream(seed: seed, purpose: .test) }

  /// A number in [lower, upper).
  public mutating func next(_ lower: Double = -1, _ upper: Double = 1) -> Double {
    Double(Float(stream.uniform(lower, upper)))
  }

  public mutating func next(below bound: Int) -> Int { stream.next(below: bound) }

  public mutating func array(_ count: Int, _ lower: Double = -1, _ upper: Double = 1) -> [Double] {
    (0..<count).map { _ in next(lower, upper) }
  }

  public mutating func images(_ count: Int, _ shape: Shape, _ lower: Double = -1, _ upper: Double = 1) -> Images {
    Images(count: count, shape: shape, values: array(count * shape.count, lower, upper))
  }
}

extension Array where Element == Double {
  public var floats: [Float] { map { Float($0) } }
  public var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension Array where Element == Float {
  public var doubles: [Double] { map { Double($0) } }
  /// The exact bits: unlike `==`, tells −0 from 0 and knows NaN.
  public var bits: [UInt32] { map(\.bitPattern) }
}

/// ‖a − b‖ / ‖b‖, or ‖a‖ where b is zero.
public func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  let norm = b.norm
  return norm == 0 ? difference : difference / norm
}

/// The greatest |a − b| / bound over all elements, where `bound` is what each element's error is measured by. Infinite
/// where an element is not finite.
public func greatestError(_ a: [Double], _ b: [Double], per bound: [Double]) -> Double {
  precondition(a.count == b.count && a.count == bound.count)
  var greatest = 0.0
  for i in a.indices {
    let difference = abs(a[i] - b[i])
    guard difference.isFinite else { return .infinity }
    if difference > 0 { greatest = max(greatest, difference / bound[i]) }
  }
  return greatest
}
