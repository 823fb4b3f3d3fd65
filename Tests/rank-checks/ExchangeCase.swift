import Collectives
import MessagePassing
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A small training run whose gradients are random numbers that depend on step, microbatch and weights.
struct ExchangeCase {
  var leaves: Int
  var parameters: Int
  var replicated: Int
  var bucketCount: Int
  var steps: Int
  /// Whether ranks sleep at random moments.
  var isLate: Bool
  /// Whether new weights wait for the norm of all gradients, which then scales them.
  var isHeld: Bool

  /// LEAVES PARAMETERS REPLICATED BUCKETS STEPS [held] [late].
  init(_ arguments: [String]) throws {
    let numbers = arguments.prefix(5).compactMap { Int($0) }
    guard numbers.count == 5 else {
      throw CheckFailure(
        description: "usage: exchange LEAVES PARAMETERS REPLICATED BUCKETS STEPS [held] [late]", exitCode: 64)
    }
    leaves = numbers[0]
    parameters = numbers[1]
    replicated = numbers[2]
    bucketCount = numbers[3]
    steps = numbers[4]
    isLate = arguments.contains("late")
    isHeld = arguments.contains("held")
  }

  /// Uneven buckets from the end of the arena to its start, as backward completes them.
  var buckets: [Range<Int>] {
    let cuts = (0...bucketCount).map { parameters * $0 * ($0 + 1) / (bucketCount * (bucketCount + 1)) }
    return (0..<bucketCount).reversed().map { cuts[$0]..<cuts[$0 + 1] }
  }

  /// Fills `target` with the gradients in `range` of one microbatch: magnitudes from 2^-12 to 2^12, so that the order
  /// of additions shows in the bits.
  func fill(
    _ target: UnsafeMutablePointer<Float>, _ range: Range<Int>, step: Int, leaf: Int,
    weights: UnsafePointer<Float>
  ) {
    for index in range {
      let bits = Philox(key: SIMD2(UInt32(step), UInt32(leaf)))(SIMD4(UInt32(index), 0, 0, 0))
      let exponent = Int32(bits[1] % 25) - 12
      let value = Float(Int32(bitPattern: bits[0])) * Float(sign: .plus, exponent: Int(exponent) - 31, significand: 1)
      target[index] = index < parameters ? value + weights[index] : value
    }
  }

  static func update(_ weight: inout Float, _ gradient: Float) { weight -= 0.01 * gradient }

  /// Cuts of the arena over ranks lie on multiples of this.
  var grain: Int { isHeld ? 64 : 16 }

  /// Parts of the arena that no rank's piece cuts.
  var parts: [Range<Int>] {
    buckets.reversed().flatMap { bucket in
      let cuts = bucket.filter { $0 == bucket.lowerBound || $0.isMultiple(of: grain) } + [bucket.upperBound]
      return zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    }
  }

  /// By what gradients are multiplied whose squares have these sums, part by part: 1 unless weights are held.
  func scale(_ squares: some Sequence<Double>) -> Float {
    isHeld ? Float(1 / (1 + squares.reduce(0, +).squareRoot())) : 1
  }

  static func squares(_ part: Range<Int>, of gradients: UnsafePointer<Float>) -> Double {
    part.reduce(0.0) { $0 + Double(gradients[$1]) * Double(gradients[$1]) }
  }

  /// The weights and the last step's tail after all steps, computed leaf by leaf in one process.
  func serialResult() -> [Float] {
    var values = [Float](repeating: 0, count: parameters + replicated)
    for index in 0..<parameters { values[index] = Float(index % 13) - 6 }
    for step in 0..<steps {
      let sum = serialSum(0, leaves, step: step, weights: values)
      let scale = scale(parts.map { Self.squares($0, of: sum) })
      for index in 0..<parameters { Self.update(&values[index], sum[index] * scale) }
      for index in parameters..<parameters + replicated { values[index] = sum[index] }
    }
    return values
  }

  /// The definition of the tree, by itself: node [lo, hi) is the sum of its halves.
  private func serialSum(_ low: Int, _ high: Int, step: Int, weights: [Float]) -> [Float] {
    if high - low == 1 {
      var leaf = [Float](repeating: 0, count: parameters + replicated)
      leaf.withUnsafeMutableBufferPointer { leaf in
        guard let start = leaf.baseAddress else { return }
        weights.withUnsafeBufferPointer { weights in
          guard let weights = weights.baseAddress else { return }
          fill(start, 0..<leaf.count, step: step, leaf: low, weights: weights)
        }
      }
      return leaf
    }
    let middle = low + (high - low) / 2
    let left = serialSum(low, middle, step: step, weights: weights)
    let right = serialSum(middle, high, step: step, weights: weights)
    return zip(left, right).map { $0 + $1 }
  }
}
