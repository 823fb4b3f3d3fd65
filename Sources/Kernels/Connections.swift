import CKernels
import Tensors

/// Which output channels of a convolution see which source channels.
public struct Connections: Sendable {
  /// Output block, source block, source channel: a bit for each output channel.
  private let lanes: [UInt16]
  private let taps: Int

  /// - Parameters:
  ///   - sources: For each output channel the source channels that it sees.
  ///   - channels: Of the source.
  ///   - taps: Of the kernel.
  public init(_ sources: [[Int]], channels: Int, taps: Int) {
    let blocks = paddedToVector(channels) / vectorWidth
    var lanes = [UInt16](repeating: 0, count: paddedToVector(sources.count) / vectorWidth * blocks * vectorWidth)
    for (output, seen) in sources.enumerated() {
      for source in seen {
        precondition((0..<channels).contains(source), "There is no source channel \(source).")
        lanes[output / vectorWidth * blocks * vectorWidth + source] |= 1 << UInt16(output % vectorWidth)
      }
    }
    self.lanes = lanes
    self.taps = taps
  }

  /// Sets everything else of weights, or of their gradient, to 0.
  public func keep(in weights: UnsafeMutablePointer<Float>, on processor: Processor) {
    lanes.withUnsafeBufferPointer {
      var arguments = connection_arguments()
      arguments.weights = weights
      arguments.lanes = $0.baseAddress
      arguments.taps = Int32(taps)
      processor.run(
        processor.functions.pointee.keep_connections, tasks: lanes.count / vectorWidth, arguments,
        constants: UnsafeRawBufferPointer($0))
    }
  }
}
