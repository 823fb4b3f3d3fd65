import CKernels
import Tensors
import Workers

/// The gradients of a convolution's weights and bias.
///
/// Each weight is one chain of multiply-adds over (image, row, column). Where a layer has too few weights to share out,
/// the images are cut into groups, by a rule of the shape alone, and the groups are added in order.
public struct ConvolutionWeightGradient: Sendable {
  /// Bytes of source and gradient that a task goes over again and again: part of the L2 cache.
  static let bandBytes = 768 << 10
  /// Gradients of more bytes are written past the caches.
  static let streamedBytes = 32 << 20
  /// Enough tasks to keep a team busy to the end.
  static let leastTasks = 8

  public let shape: ConvolutionShape
  private let cut: ConvolutionCut
  private let groups: Int
  private let parts: Parts

  /// Tasks that share the source blocks and the pairs of output blocks.
  private struct Parts: Sendable {
    var source, pair: Int
    var tasks: Int { source * pair }
  }

  public init(_ shape: ConvolutionShape) {
    self.init(shape, sizes: shape.forwardSizes)
  }

  init(_ shape: ConvolutionShape, sizes: convolution_arguments) {
    self.shape = shape
    let pairs = (shape.outputBlocks + 1) / 2
    let shares = pairs * shape.sourceBlocks
    groups = shares >= 8 ? 1 : min(Int(sizes.images), (8 + shares - 1) / shares)
    parts = Self.parts(shape, sizes, pairs: pairs, leastTasks: min(shares, (Self.leastTasks + groups - 1) / groups))
    cut = ConvolutionCut(
      sizes, sourceBlocks: (shape.sourceBlocks + parts.source - 1) / parts.source,
      outputBlocks: 2 * ((pairs + parts.pair - 1) / parts.pair), bandBytes: Self.bandBytes)
  }

  /// The parts that take the least from memory: each task reads its blocks of the source and of the gradient once, if a
  /// row of them fits a band.
  private static func parts(
    _ shape: ConvolutionShape, _ sizes: convolution_arguments, pairs: Int, leastTasks: Int
  ) -> Parts {
    let sourceFloats = shape.source.floats(in: shape.layout)
    let gradientFloats = shape.output.floats(in: .blocked)
    let sourceRow = 4 * Int(sizes.source_width * sizes.source_block * sizes.phase.0.kernel_rows)
    let gradientRow = 8 * Int(sizes.phase.0.output_columns) * vectorWidth
    var best = Parts(source: shape.sourceBlocks, pair: pairs)
    var least = Int.max
    for source in doublings(to: shape.sourceBlocks) {
      for pair in doublings(to: pairs) where source * pair >= leastTasks {
        let row = (shape.sourceBlocks + source - 1) / source * sourceRow + (pairs + pair - 1) / pair * gradientRow
        let traffic = sourceFloats * pair + gradientFloats * source
        guard row <= bandBytes, traffic < least else { continue }
        least = traffic
        best = Parts(source: source, pair: pair)
      }
    }
    return best
  }

  private static func doublings(to most: Int) -> [Int] {
    var counts = [1]
    while let last = counts.last, last < most { counts.append(min(2 * last, most)) }
    return counts
  }

  public var scratchFloats: Int { cut.scratchFloats }

  /// Floats of workspace: the groups' sums.
  public var workspaceFloats: Int { groups == 1 ? 0 : groups * shape.weightFloats }

  /// Writes the gradients of the weights and, if asked, of the bias. `gradientGap`: floats between the end of an image
  /// of the output's gradient and the next.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let parts = parts(forTeamOf: processor.team.size)
    var arguments = weight_gradient_arguments()
    arguments.geometry = cut.arguments
    arguments.geometry.source = source
    arguments.geometry.output_image_stride += gradientGap
    arguments.gradient = outputGradient
    arguments.sums = groups == 1 ? weightGradient : workspace
    arguments.group_stride = shape.weightFloats
    arguments.image_groups = Int32(groups)
    arguments.stream = groups == 1 && 4 * shape.weightFloats > Self.streamedBytes
    arguments.pair_parts = Int32(parts.pair)
    arguments.source_parts = Int32(parts.source)
    processor.run(processor.functions.pointee.weight_gradient, tasks: groups * parts.tasks, arguments)
    if groups > 1 { sumGroups(into: weightGradient, workspace, on: processor) }
    if let biasGradient {
      processor.biasGradient(shape, outputGradient: outputGradient, gradientGap: gradientGap, into: biasGradient)
    }
  }

  /// A large team takes smaller parts.
  private func parts(forTeamOf threads: Int) -> Parts {
    var parts = parts
    let pairs = (shape.outputBlocks + 1) / 2
    while groups * parts.tasks < 2 * threads, parts.source < shape.sourceBlocks || parts.pair < pairs {
      if parts.source < shape.sourceBlocks {
        parts.source = min(2 * parts.source, shape.sourceBlocks)
      } else {
        parts.pair = min(2 * parts.pair, pairs)
      }
    }
    return parts
  }

  private func sumGroups(
    into weightGradient: UnsafeMutablePointer<Float>, _ workspace: UnsafeMutablePointer<Float>, on processor: Processor
  ) {
    var arguments = sum_groups_arguments()
    arguments.sums = UnsafePointer(workspace)
    arguments.output = weightGradient
    arguments.groups = Int32(groups)
    arguments.group_stride = shape.weightFloats
    arguments.count = shape.weightFloats
    arguments.range = elementRange
    processor.run(
      processor.functions.pointee.sum_groups, tasks: elementTasks(shape.weightFloats), arguments)
  }
}

extension Processor {
  /// Sums a convolution's output gradient over images and pixels.
  public func biasGradient(
    _ shape: ConvolutionShape, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0,
    into biasGradient: UnsafeMutablePointer<Float>
  ) {
    var arguments = bias_gradient_arguments()
    arguments.gradient = outputGradient
    arguments.output = biasGradient
    arguments.images = Int32(shape.images)
    arguments.image_stride = shape.output.floats(in: .blocked) + gradientGap
    arguments.block_stride = shape.output.pixels * vectorWidth
    arguments.pixels = shape.output.pixels
    run(functions.pointee.bias_gradient, tasks: shape.outputBlocks, arguments)
  }
}
