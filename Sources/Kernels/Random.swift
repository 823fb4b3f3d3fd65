import CKernels
public import Tensors

extension Processor {
  /// Fills `output` with normal numbers of mean 0: elements 0..<count of the stream (seed, purpose, `stream`).
  public func fillNormal(
    _ output: UnsafeMutablePointer<Float>, count: Int, deviation: Float, seed: UInt64, purpose: RandomPurpose,
    stream: UInt32
  ) {
    var arguments = normalArguments(
      output, 0..<count, deviation: deviation, seed: seed, purpose: purpose, stream: stream)
    arguments.range = elementRange
    run(functions.pointee.fill_normal, tasks: elementTasks(count), arguments)
  }

  /// Writes elements `range` of the same stream, on the calling thread.
  public func writeNormal(
    _ output: UnsafeMutablePointer<Float>, elements range: Range<Int>, deviation: Float, seed: UInt64,
    purpose: RandomPurpose, stream: UInt32
  ) {
    var arguments = normalArguments(output, range, deviation: deviation, seed: seed, purpose: purpose, stream: stream)
    arguments.range = range.count
    functions.pointee.fill_normal(&arguments, 0, output)
  }

  private func normalArguments(
    _ output: UnsafeMutablePointer<Float>, _ elements: Range<Int>, deviation: Float, seed: UInt64,
    purpose: RandomPurpose, stream: UInt32
  ) -> fill_normal_arguments {
    let key = Philox(seed: seed, purpose: purpose).key
    var arguments = fill_normal_arguments()
    arguments.output = output
    arguments.first = elements.lowerBound
    arguments.count = elements.count
    arguments.key = (key[0], key[1])
    arguments.counter = (stream, 0)
    arguments.deviation = deviation
    return arguments
  }
}

/// Which values a dropout layer keeps: a function of (seed, layer, position of the image in the run, element) alone, so
/// nothing is stored for the backward pass.
public struct Dropping: Sendable {
  public let rate: Float
  /// Tells the dropout layers of a network apart.
  public let layer: UInt32

  public init(rate: Float, layer: UInt32) {
    precondition((0..<1).contains(rate), "A dropout rate lies in 0..<1.")
    self.rate = rate
    self.layer = layer
  }

  /// output (+)= source · (kept ? 1 / (1 − rate) : 0), for the values and for their gradients.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, count: Int,
    draw: RandomPosition, accumulate: Bool
  ) {
    let key = Philox(seed: draw.seed, purpose: .dropout).key
    var arguments = dropout_arguments()
    arguments.source = source
    arguments.output = output
    arguments.count = count
    arguments.first_position = UInt64(draw.firstPosition)
    arguments.key = (key[0], key[1])
    arguments.layer = layer
    arguments.threshold = UInt32(Double(rate) * 0x1p32)
    arguments.scale = 1 / (1 - rate)
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.dropout, tasks: images, arguments)
  }
}

/// Where in the randomness of a run a batch stands.
public struct RandomPosition: Sendable, Hashable {
  /// The run's.
  public var seed: UInt64
  /// The place of the batch's first image in the endless row of samples that the run sees.
  public var firstPosition: Int

  public init(seed: UInt64 = 0, firstPosition: Int = 0) {
    self.seed = seed
    self.firstPosition = firstPosition
  }
}
