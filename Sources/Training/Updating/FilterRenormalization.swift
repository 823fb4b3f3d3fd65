import Execution
import Kernels
import Networks
import Tensors

/// Scales every filter of a convolution whose root mean square exceeds `radius` back to it, behind each step (Zeiler
/// and Fergus 2014, section 3).
///
/// The 16 filters of an output block lie side by side in the lanes of its floats. Blocks are cut into pieces as
/// `TensorNorms` cuts the arena, so that a filter has the same norm, and the same bits, however many ranks share it.
final class FilterRenormalization {
  private let radius: Double
  private let pieces: ArenaPieces
  private let blocks: [Block]
  /// Of each piece: its block.
  private let blockOfPiece: [Int32]
  /// 16 for each piece.
  private let sums: UnsafeMutableBufferPointer<Double>
  /// 16 for each block.
  private let scales: UnsafeMutableBufferPointer<Float>

  private struct Block {
    /// The numbers of its pieces.
    var places: Range<Int>
    /// Values of one filter.
    var values: Int
  }

  init(radius: Double, _ plan: Plan) {
    self.radius = radius
    var ranges: [Range<Int>] = []
    var blocks: [Block] = []
    for parameter in plan.parameters where parameter.role == .weight && parameter.shape.count == 4 {
      let count = paddedToVector(parameter.shape[0]) / vectorWidth
      let floats = parameter.range.count / count
      for block in 0..<count {
        let first = ranges.count
        let start = parameter.range.lowerBound + block * floats
        ranges += TensorNorms.cut(start..<start + floats)
        blocks.append(Block(places: first..<ranges.count, values: parameter.count / parameter.shape[0]))
      }
    }
    pieces = ArenaPieces(ranges)
    blockOfPiece = blocks.enumerated().flatMap { number, block in block.places.map { _ in Int32(number) } }
    self.blocks = blocks
    sums = .allocate(capacity: ranges.count * vectorWidth)
    sums.initialize(repeating: 0)
    scales = .allocate(capacity: blocks.count * vectorWidth)
    scales.initialize(repeating: 1)
  }

  deinit {
    sums.deallocate()
    scales.deallocate()
  }

  /// Renormalises the weights in the ranges that this rank owns. Collective: `sum` adds values over all ranks.
  func run<Failure: Error>(
    _ weights: UnsafeMutablePointer<Float>, owned: [Range<Int>], on processor: Processor,
    sum: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Void
  ) throws(Failure) {
    guard let start = sums.baseAddress, let scale = scales.baseAddress else { return }
    sums.update(repeating: 0)
    for range in owned {
      processor.squaredSums(of: weights, pieces, pieces.places(within: range), byLane: true, into: start)
    }
    try sum(sums)
    for number in blocks.indices {
      let block = blocks[number]
      for lane in 0..<vectorWidth {
        var squares = 0.0
        for place in block.places { squares += sums[place * vectorWidth + lane] }
        let size = (squares / Double(block.values)).squareRoot()
        scales[number * vectorWidth + lane] = size > radius ? Float(radius / size) : 1
      }
    }
    blockOfPiece.withUnsafeBufferPointer { numbers in
      guard let numbers = numbers.baseAddress else { return }
      for range in owned {
        processor.scaleFilters(of: weights, pieces, pieces.places(within: range), blocks: numbers, by: scale)
      }
    }
  }
}
