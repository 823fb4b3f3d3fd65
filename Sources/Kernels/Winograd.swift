import CKernels
import Tensors

/// Winograd convolution (Lavin and Gray 2015): F(4×4, 3×3) takes a quarter of the multiplications of the direct one,
/// F(2×2, 5×5) 36 of 100, at about twice the rounding error. Same arguments, gaps between images too, and results as
/// the direct passes; each needs workspace.
public struct Winograd: Sendable {
  public let shape: ConvolutionShape
  private let trainingCut: WinogradCut
  private let evaluationCut: WinogradCut
  private let backwardCut: WinogradCut
  private let adjointCut: WinogradAdjointCut?
  let gradientCut: WinogradGradientCut

  /// Whether a convolution can be computed so.
  public static func isPossible(_ shape: ConvolutionShape) -> Bool {
    let kernel = shape.kernel.rows
    return shape.kernel == Extent(kernel) && (kernel == 3 || kernel == 5) && shape.stride == Extent(1)
      && shape.layout == .blocked && shape.padding.rows < kernel && shape.padding.columns < kernel
  }

  /// Whether it pays: a rule of the layer's shape alone, as the choice changes the last bits of results.
  public static func isWorthwhile(_ shape: ConvolutionShape) -> Bool {
    isPossible(shape) && shape.source.channels >= vectorWidth && shape.outputChannels >= vectorWidth
      && shape.output.height >= 4 && shape.output.width >= 4
  }

  /// `shape` must be possible.
  public init(_ shape: ConvolutionShape) {
    precondition(Self.isPossible(shape))
    self.shape = shape
    func forward(apart: Bool) -> WinogradCut {
      WinogradCut(
        kernel: shape.kernel.rows, images: shape.images, source: shape.source, output: shape.output,
        padding: shape.padding, apart: apart)
    }
    trainingCut = forward(apart: false)
    evaluationCut = forward(apart: true)
    let turned = Extent(
      rows: shape.kernel.rows - 1 - shape.padding.rows, columns: shape.kernel.columns - 1 - shape.padding.columns)
    backwardCut = WinogradCut(
      kernel: shape.kernel.rows, images: shape.images, source: shape.output, output: shape.source, padding: turned,
      apart: false)
    adjointCut = WinogradAdjointCut(shape, forward: evaluationCut.arguments, backward: backwardCut.arguments)
    gradientCut = WinogradGradientCut(shape, together: trainingCut.arguments, apart: evaluationCut.arguments)
  }

  /// Floats of scratch that each thread needs.
  public var scratchFloats: Int {
    [
      trainingCut.scratchFloats, evaluationCut.scratchFloats, adjointCut?.scratchFloats ?? backwardCut.scratchFloats,
      gradientCut.scratchFloats,
    ].max() ?? 0
  }
  /// Floats of workspace: the transformed weights.
  public var forwardWorkspaceFloats: Int { transformedFloats }
  /// Floats of workspace: transposed and transformed weights, or the sums of the weight gradient.
  public var backwardWorkspaceFloats: Int {
    max(shape.weightFloats + transformedFloats, gradientCut.workspaceFloats)
  }

  private var transformedFloats: Int {
    winogradPlaces * (shape.outputBlocks * shape.sourceBlocks * vectorWidth + 1) * vectorWidth
  }

  /// In training, images share tiles where that saves some, and the last bits of an image's outputs depend on its
  /// place in the batch; in evaluation they do not.
  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, training: Bool, output: UnsafeMutablePointer<Float>, outputGap: Int = 0,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let forwardCut = training ? trainingCut : evaluationCut
    transform(
      weights, outputBlocks: shape.outputBlocks, sourceBlocks: shape.sourceBlocks, turned: false, into: workspace,
      on: processor)
    var arguments = forwardCut.arguments
    arguments.source = source
    arguments.weights = UnsafePointer(workspace)
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    arguments.output_image_stride += outputGap
    processor.run(processor.functions.pointee.winograd, tasks: forwardCut.tasks, arguments)
  }

  public func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, gradientGap: Int = 0, weights: UnsafePointer<Float>,
    accumulate: Bool, sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    transposeWeights(shape, weights, into: workspace, on: processor)
    let transformed = workspace + shape.weightFloats
    transform(
      workspace, outputBlocks: shape.sourceBlocks, sourceBlocks: shape.outputBlocks, turned: adjointCut != nil,
      into: transformed, on: processor)
    if let adjointCut {
      var arguments = adjointCut.arguments
      arguments.gradient = outputGradient
      arguments.geometry.output_image_stride += gradientGap
      arguments.weights = UnsafePointer(transformed)
      arguments.geometry.accumulate = accumulate
      arguments.source_gradient = sourceGradient
      processor.run(processor.functions.pointee.winograd_adjoint, tasks: adjointCut.tasks, arguments)
      return
    }
    var arguments = backwardCut.arguments
    arguments.source = outputGradient
    arguments.source_image_stride += gradientGap
    arguments.weights = UnsafePointer(transformed)
    arguments.accumulate = accumulate
    arguments.output = sourceGradient
    processor.run(processor.functions.pointee.winograd, tasks: backwardCut.tasks, arguments)
  }

  /// `turned`: the last tap first, as the adjoint wants what `transposeWeights` has turned.
  private func transform(
    _ weights: UnsafePointer<Float>, outputBlocks: Int, sourceBlocks: Int, turned: Bool,
    into transformed: UnsafeMutablePointer<Float>, on processor: Processor
  ) {
    var arguments = winograd_weights_arguments()
    arguments.weights = weights
    arguments.transformed = transformed
    arguments.kernel = Int32(shape.kernel.rows)
    arguments.turned = turned
    arguments.output_blocks = Int32(outputBlocks)
    arguments.source_blocks = Int32(sourceBlocks)
    processor.run(
      processor.functions.pointee.winograd_weights, tasks: outputBlocks * sourceBlocks, arguments)
  }
}
