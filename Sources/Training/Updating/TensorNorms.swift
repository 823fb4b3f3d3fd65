import Execution
import Kernels

/// Norms of every parameter and of all together, the same bits for any number of ranks and threads.
///
/// The arena is cut into pieces of at most `grain` floats, at the ends of parameters and at multiples of `grain`: a
/// rule of the network alone. Each piece is summed, in double precision and in an order of its own, by the rank that
/// owns it, and ranks own whole pieces. Ranks then add their pieces, all others being zero, and every rank adds the
/// pieces of a parameter in order. That costs one sweep over the values, and messages of 8 bytes for 64 KiB of them.
final class TensorNorms {
  /// Ranks' pieces end on multiples of this many floats.
  static let grain = 1 << 14

  private let pieces: ArenaPieces
  /// Of each parameter: the numbers of its pieces.
  private let places: [Range<Int>]
  /// One after the other of each quantity: a sum for each piece.
  private let sums: UnsafeMutableBufferPointer<Double>

  /// For `quantities` things that lie in arenas as the parameters of `plan` do.
  init(_ plan: Plan, quantities: Int) {
    var ranges: [Range<Int>] = []
    places = plan.parameters.map { parameter in
      let first = ranges.count
      ranges += Self.cut(parameter.range)
      return first..<ranges.count
    }
    pieces = ArenaPieces(ranges)
    sums = .allocate(capacity: ranges.count * quantities)
    sums.initialize(repeating: 0)
  }

  deinit { sums.deallocate() }

  /// Cuts a range of an arena at multiples of `grain`.
  static func cut(_ range: Range<Int>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min((start / grain + 1) * grain, range.upperBound)
      ranges.append(start..<end)
      start = end
    }
    return ranges
  }

  /// Forgets what was measured.
  func reset() { sums.update(repeating: 0) }

  /// Measures `range` of an arena, whole pieces, as quantity number `quantity`; values are kept within ± `limit`.
  func measure(
    _ quantity: Int, _ range: Range<Int>, of arena: UnsafePointer<Float>, limit: Float = .infinity,
    on processor: Processor
  ) {
    guard let start = sums.baseAddress, !range.isEmpty else { return }
    processor.squaredSums(
      of: arena, pieces, pieces.places(within: range), limit: limit, into: start + quantity * pieces.ranges.count)
  }

  /// Adds what ranks have measured.
  func add<Failure: Error>(
    _ sum: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Void
  ) throws(Failure) {
    try sum(sums)
  }

  /// The norm of a parameter, behind `add`.
  func norm(_ quantity: Int, of parameter: Int) -> Double { squares(quantity, of: parameter).squareRoot() }

  /// The norm of all parameters together.
  func norm(_ quantity: Int) -> Double {
    var sum = 0.0
    for parameter in places.indices { sum += squares(quantity, of: parameter) }
    return sum.squareRoot()
  }

  private func squares(_ quantity: Int, of parameter: Int) -> Double {
    var sum = 0.0
    for place in places[parameter] { sum += sums[quantity * pieces.ranges.count + place] }
    return sum
  }
}

extension ArenaPieces {
  /// The numbers of the pieces that lie within a range; traps where it cuts one.
  func places(within range: Range<Int>) -> Range<Int> {
    func place(of bound: Int) -> Int {
      var low = 0
      var high = ranges.count
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].lowerBound < bound { low = middle + 1 } else { high = middle }
      }
      precondition(low == 0 || ranges[low - 1].upperBound <= bound, "A piece lies across \(bound).")
      return low
    }
    return place(of: range.lowerBound)..<place(of: range.upperBound)
  }
}
