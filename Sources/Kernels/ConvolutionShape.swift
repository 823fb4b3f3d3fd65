public import Tensors

/// The sizes of one convolution over a batch: all that its kernels need to know besides where the data is.
public struct ConvolutionShape: Hashable, Sendable {
  public var images: Int
  public var source: Shape
  /// Of the source. The output is always blocked.
  public var layout: Layout
  public var outputChannels: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  /// Source pixels from one tap of the kernel to the next.
  public var dilation: Extent
  /// Floats between the end of an image and the start of the next, where source and output are some channels of larger
  /// tensors.
  public var sourceGap = 0
  public var outputGap = 0

  /// `kernel`, dilated, must fit into `source`, padded.
  public init(
    images: Int, source: Shape, layout: Layout = .blocked, outputChannels: Int, kernel: Extent,
    stride: Extent = Extent(1), padding: Extent = Extent(0), dilation: Extent = Extent(1)
  ) {
    self.images = images
    self.source = source
    self.layout = layout
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// The source pixels from the first tap of a dilated kernel to the last, both counted.
  public static func reach(of kernel: Extent, dilation: Extent) -> Extent {
    Extent(rows: (kernel.rows - 1) * dilation.rows + 1, columns: (kernel.columns - 1) * dilation.columns + 1)
  }

  /// Of one image.
  public var output: Shape {
    let reach = Self.reach(of: kernel, dilation: dilation)
    return Shape(
      channels: outputChannels,
      height: (source.height + 2 * padding.rows - reach.rows) / stride.rows + 1,
      width: (source.width + 2 * padding.columns - reach.columns) / stride.columns + 1)
  }

  /// Floats of the weights: output block, source block, kernel row, kernel column, source channel, 16 output channels.
  public var weightFloats: Int {
    paddedToVector(outputChannels) * sourceBlocks * sourceBlock * kernel.rows * kernel.columns
  }

  /// Multiply-adds of the forward pass over the batch, without padding channels.
  public var multiplyAdds: Int {
    images * output.count * source.channels * kernel.rows * kernel.columns
  }

  /// Floats from one image to the next.
  var sourceImageFloats: Int { source.floats(in: layout) + sourceGap }
  var outputImageFloats: Int { output.floats(in: .blocked) + outputGap }

  /// Channels of a source block.
  var sourceBlock: Int { layout == .blocked ? vectorWidth : source.channels }
  var sourceBlocks: Int { layout == .blocked ? source.blocks : 1 }
  var outputBlocks: Int { (outputChannels + vectorWidth - 1) / vectorWidth }

  /// The rows and columns that the walks over a pointwise convolution see: rows joined to some hundred pixels, so that
  /// tiles are full and bands can be cut.
  var joinedSize: Extent {
    let rows = source.height
    let joined = (1...rows).last { rows % $0 == 0 && $0 * source.width <= 128 } ?? 1
    return Extent(rows: rows / joined, columns: source.width * joined)
  }

  /// Whether rows may be joined: the output has the source's pixels, each made from its own.
  var isPointwise: Bool { kernel == Extent(1) && stride == Extent(1) && padding == Extent(0) && layout == .blocked }
}

/// Whether the last block of `channels` has at most 8 of them: half of its lanes are then left out.
func isNarrow(_ channels: Int) -> Bool { (1...vectorWidth / 2).contains(channels % vectorWidth) }
