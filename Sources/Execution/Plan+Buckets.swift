extension Plan {
  /// Cuts the gradient arena into ranges of at least `bucketFloats` floats, whole parameters each, in the order in
  /// which backward completes them: from the end to the start. A bucket can be summed as soon as it is complete.
  public func buckets(ofAtLeast bucketFloats: Int = 1 << 20) -> [Range<Int>] {
    var buckets: [Range<Int>] = []
    var end = parameterFloats
    for parameter in parameters.reversed() where end - parameter.range.lowerBound >= bucketFloats {
      buckets.append(parameter.range.lowerBound..<end)
      end = parameter.range.lowerBound
    }
    if end > 0 { buckets.append(0..<end) }
    return buckets
  }
}
