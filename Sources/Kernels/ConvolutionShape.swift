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

  /// `kernel`, padded, must fit into `source`.
  public init(
    images: Int, source: Shape, layout: Layout = .blocked, outputChannels: Int, kernel: Extent,
    stride: Extent = Extent(1),
    padding: Extent = Extent(0)
  ) {
    self.images = images
    self.source = source
    self.layout = layout
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// Of one image.
  public var output: Shape {
    Shape(
      channels: outputChannels,
      height: (source.height + 2 * padding.rows - kernel.rows) / stride.rows + 1,
      width: (source.width + 2 * padding.columns - kernel.columns) / stride.columns + 1)
  }

  /// Floats of the weights: output block, source block, kernel row, kernel column, source channel, 16 output channels.
  public var weightFloats: Int {
    paddedToVector(outputChannels) * sourceBlocks * sourceBlock * kernel.rows * kernel.columns
  }

  /// Multiply-adds of the forward pass over the batch, without padding channels.
  public var multiplyAdds: Int {
    images * output.count * source.channels * kernel.rows * kernel.columns
  }

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
