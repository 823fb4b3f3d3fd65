import CKernels
import Tensors
import Workers

/// How a Winograd weight gradient is shared out. Only the cut into image groups changes bits: a rule of the shape.
struct WinogradGradientCut: @unchecked Sendable {  // Its pointers are null.
  /// Source and output blocks of a task: their 36 sums are 2.4 MB, its transformed tiles somewhat less.
  static let partBlocks = 8
  /// Tiles that are transformed at a time: enough to make the way of the sums through the caches cheap.
  static let blockTiles = 48
  /// Images are grouped where the blocks alone would give fewer tasks.
  static let leastTasks = 4

  let arguments: winograd_gradient_arguments
  let imageGroups: Int
  let sourceBlocks: Int
  let outputBlocks: Int

  /// Forward's sizes with all images as one sheet, and with images apart, as they must be to be grouped.
  init(_ shape: ConvolutionShape, together: winograd_arguments, apart: winograd_arguments) {
    sourceBlocks = shape.sourceBlocks
    outputBlocks = shape.outputBlocks
    let parts = Self.parts(sourceBlocks) * Self.parts(outputBlocks)
    imageGroups = min(shape.images, max(1, Self.leastTasks / parts))
    var sizes = winograd_gradient_arguments()
    sizes.geometry = imageGroups == 1 ? together : apart
    sizes.geometry.block_tiles = Int32(Self.blockTiles)
    sizes.image_groups = Int32(imageGroups)
    arguments = sizes
  }

  private static func parts(_ blocks: Int) -> Int { (blocks + partBlocks - 1) / partBlocks }

  /// How many tasks share the source blocks and the output blocks: more for a larger team.
  func parts(forTeamOf threads: Int) -> (source: Int, output: Int) {
    var source = Self.parts(sourceBlocks)
    var output = Self.parts(outputBlocks)
    while imageGroups * source * output < threads {
      if source < sourceBlocks, sourceBlocks * output >= outputBlocks * source {
        source = min(2 * source, sourceBlocks)
      } else if 2 * output < outputBlocks {
        output *= 2
      } else {
        break
      }
    }
    return (source, output)
  }

  /// Floats of one group's sums, with a cache line behind each place.
  private static func sumFloats(_ sourceBlocks: Int, _ outputBlocks: Int) -> Int {
    winogradPlaces * (sourceBlocks * outputBlocks * vectorWidth + 1) * vectorWidth
  }

  /// With one image group the sums are in scratch.
  var workspaceFloats: Int { imageGroups == 1 ? 0 : imageGroups * Self.sumFloats(sourceBlocks, outputBlocks) }

  var scratchFloats: Int {
    let source = min(sourceBlocks, Self.partBlocks)
    let output = min(outputBlocks, Self.partBlocks)
    let tileFloats = winogradPlaces * ((source + output) * Self.blockTiles + 2) * vectorWidth
    return tileFloats + (imageGroups == 1 ? Self.sumFloats(source, output) : 0)
  }
}

extension Winograd {
  /// The bias's gradient is not its business.
  public func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0,
    weightGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let kernels = processor.functions.pointee
    let parts = gradientCut.parts(forTeamOf: processor.team.size)
    var arguments = gradientCut.arguments
    arguments.geometry.source = source
    arguments.geometry.output_image_stride += gradientGap
    arguments.gradient = outputGradient
    arguments.weights = weightGradient
    arguments.sums = workspace
    arguments.source_parts = Int32(parts.source)
    arguments.output_parts = Int32(parts.output)
    processor.run(
      kernels.winograd_gradient, tasks: gradientCut.imageGroups * parts.source * parts.output, arguments)
    guard gradientCut.imageGroups > 1 else { return }
    processor.run(
      kernels.winograd_gradient_finish, tasks: shape.outputBlocks * shape.sourceBlocks, arguments)
  }
}
