import CKernels

/// Runs of an arena, whole vectors each, that kernels go through piece by piece.
public final class ArenaPieces: Sendable {
  public let ranges: [Range<Int>]
  nonisolated(unsafe) private let pieces: UnsafeMutablePointer<arena_piece>

  public init(_ ranges: [Range<Int>]) {
    self.ranges = ranges
    pieces = .allocate(capacity: max(1, ranges.count))
    for (place, range) in ranges.enumerated() {
      precondition(range.lowerBound.isMultiple(of: 16) && range.count.isMultiple(of: 16), "Pieces are whole vectors.")
      (pieces + place).initialize(to: arena_piece(first: range.lowerBound, count: range.count))
    }
  }

  deinit { pieces.deallocate() }

  /// The piece with this number and those behind it.
  func start(at place: Int) -> UnsafePointer<arena_piece> { UnsafePointer(pieces + place) }

  func bytes(_ places: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(UnsafeBufferPointer(start: start(at: places.lowerBound), count: places.count))
  }
}

extension Processor {
  /// Writes for each of the pieces `places` the sum of its squares, in double precision and in an order of its own, to
  /// the place of its number in `sums`; with `byLane` 16 of them, one for each lane: in weights, for each filter of an
  /// output block. Values are kept within ± `limit`.
  public func squaredSums(
    of arena: UnsafePointer<Float>, _ pieces: ArenaPieces, _ places: Range<Int>, byLane: Bool = false,
    limit: Float = .infinity, into sums: UnsafeMutablePointer<Double>
  ) {
    var arguments = squared_sums_arguments()
    arguments.arena = arena
    arguments.pieces = pieces.start(at: places.lowerBound)
    arguments.sums = sums + places.lowerBound * (byLane ? 16 : 1)
    arguments.limit = limit
    arguments.by_lane = byLane
    run(functions.pointee.squared_sums, tasks: places.count, arguments, constants: pieces.bytes(places))
  }

  /// Multiplies in each of the pieces `places` lane l by scales[16 · blocks[piece] + l].
  public func scaleFilters(
    of arena: UnsafeMutablePointer<Float>, _ pieces: ArenaPieces, _ places: Range<Int>,
    blocks: UnsafePointer<Int32>, by scales: UnsafePointer<Float>
  ) {
    var arguments = scale_filters_arguments()
    arguments.arena = arena
    arguments.pieces = pieces.start(at: places.lowerBound)
    arguments.blocks = blocks + places.lowerBound
    arguments.scales = scales
    run(functions.pointee.scale_filters, tasks: places.count, arguments, constants: pieces.bytes(places))
  }

  /// target += share · source, of `count` floats (whole vectors).
  public func add(
    _ share: Float, times source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    blend(functions.pointee.add_scaled, share, source, target, count)
  }

  /// target += share · (source − target), of `count` floats (whole vectors).
  public func move(
    _ target: UnsafeMutablePointer<Float>, by share: Float, towards source: UnsafePointer<Float>, count: Int
  ) {
    blend(functions.pointee.move_average, share, source, target, count)
  }

  private func blend(
    _ kernel: kernel_function, _ share: Float, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    var arguments = blend_arguments()
    arguments.source = source
    arguments.target = target
    arguments.count = count
    arguments.range = elementRange
    arguments.share = share
    run(kernel, tasks: elementTasks(count), arguments)
  }
}
