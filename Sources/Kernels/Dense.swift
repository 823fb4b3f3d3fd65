import CKernels
import Tensors

/// The sizes of one dense layer over a batch.
public struct DenseShape: Hashable, Sendable {
  public var images: Int
  /// Floats of one image's features as they lie in memory, padding included.
  public var features: Int
  public var outputs: Int

  public init(images: Int, features: Int, outputs: Int) {
    self.images = images
    self.features = features
    self.outputs = outputs
  }

  /// Floats of the weights: output block, feature block, 16 features, 16 outputs.
  public var weightFloats: Int { outputBlocks * featureBlocks * vectorWidth * vectorWidth }

  var featureBlocks: Int { (features + vectorWidth - 1) / vectorWidth }
  var outputBlocks: Int { (outputs + vectorWidth - 1) / vectorWidth }
  /// Floats of the features, packed: feature block, image, 16 features.
  var packedFeatures: Int { featureBlocks * images * vectorWidth }
  var packedOutputs: Int { outputBlocks * images * vectorWidth }

  /// A dense layer is a pointwise convolution over one row whose pixels are the images.
  var pointwise: ConvolutionShape {
    ConvolutionShape(
      images: 1, source: Shape(channels: featureBlocks * vectorWidth, height: 1, width: images),
      outputChannels: outputs,
      kernel: Extent(1))
  }
}

/// The forward pass of a dense layer: output = features · weights + bias, optionally max(0, ·).
public struct DenseForward: Sendable {
  public let shape: DenseShape
  private let cut: ConvolutionCut

  public init(_ shape: DenseShape) {
    self.shape = shape
    var sizes = shape.pointwise.forwardSizes
    sizes.output_block_stride = vectorWidth
    sizes.output_pixel_stride = shape.outputBlocks * vectorWidth
    cut = ConvolutionCut(sizes)
  }

  public var scratchFloats: Int { cut.scratchFloats }
  /// Floats of workspace: the packed features.
  public var workspaceFloats: Int { shape.packedFeatures }

  public func run(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    processor.pack(source, images: shape.images, count: shape.features, into: workspace)
    var arguments = cut.arguments
    arguments.source = UnsafePointer(workspace)
    arguments.weights = weights
    arguments.bias = bias
    arguments.rectify = rectify
    arguments.output = output
    processor.run(processor.functions.pointee.convolution, tasks: cut.tasks, arguments)
  }
}

/// The backward pass of a dense layer.
public struct DenseBackward: Sendable {
  public let shape: DenseShape
  private let weightGradient: ConvolutionWeightGradient

  /// Feature blocks of a task of the source's gradient, and output blocks whose weights it transposes at a time.
  private static let range = 4
  private static let chunkBlocks = 32

  public init(_ shape: DenseShape) {
    self.shape = shape
    weightGradient = ConvolutionWeightGradient(shape.pointwise)
  }

  public var scratchFloats: Int {
    max(Self.range * Self.chunkBlocks * vectorWidth * vectorWidth, weightGradient.scratchFloats)
  }
  /// Floats of workspace: the packed features and output gradients.
  public var workspaceFloats: Int { shape.packedOutputs + shape.packedFeatures + weightGradient.workspaceFloats }

  /// Writes the gradients of weights and bias; writes, or adds to, the source's if there is a place for it. `features`
  /// must then be whole vectors.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?, sourceGradient: UnsafeMutablePointer<Float>?, accumulate: Bool,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let packedGradient = workspace
    let rest = workspace + shape.packedOutputs
    processor.pack(
      outputGradient, images: shape.images, count: shape.outputBlocks * vectorWidth, into: packedGradient)
    processor.pack(source, images: shape.images, count: shape.features, into: rest)
    self.weightGradient.run(
      on: processor, source: rest, outputGradient: packedGradient, weightGradient: weightGradient,
      biasGradient: biasGradient, workspace: rest + shape.packedFeatures)
    guard let sourceGradient else { return }
    precondition(shape.features % vectorWidth == 0)
    var arguments = dense_backward_data_arguments()
    arguments.gradient = UnsafePointer(packedGradient)
    arguments.weights = weights
    arguments.source_gradient = sourceGradient
    arguments.images = Int32(shape.images)
    arguments.output_blocks = Int32(shape.outputBlocks)
    arguments.feature_blocks = Int32(shape.featureBlocks)
    arguments.range = Int32(Self.range)
    arguments.chunk_blocks = Int32(Self.chunkBlocks)
    arguments.accumulate = accumulate
    processor.run(
      processor.functions.pointee.dense_backward_data, tasks: (shape.featureBlocks + Self.range - 1) / Self.range,
      arguments)
  }
}

extension Processor {
  /// Rearranges features[image][count] to blocks of 16: packed[block][image][16].
  func pack(_ features: UnsafePointer<Float>, images: Int, count: Int, into packed: UnsafeMutablePointer<Float>) {
    var arguments = pack_features_arguments()
    arguments.features = features
    arguments.packed = packed
    arguments.images = Int32(images)
    arguments.count = count
    arguments.range = 16
    let blocks = (count + vectorWidth - 1) / vectorWidth
    run(functions.pointee.pack_features, tasks: (blocks + 15) / 16, arguments)
  }
}
