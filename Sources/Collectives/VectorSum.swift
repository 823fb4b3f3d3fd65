/// Sums of vectors of floats.
///
/// Vectors may be the same, but not overlap in part.
package enum VectorSum {
  /// target += source.
  package static func add(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count { target[i] += source[i] }
  }

  /// target = a + b.
  package static func store(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count { target[i] = a[i] + b[i] }
  }
}
