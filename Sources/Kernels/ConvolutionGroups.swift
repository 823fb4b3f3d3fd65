import Tensors

/// A convolution whose channels are cut into groups: outputs of a group see the source channels of their group alone.
public struct ConvolutionGroups: Hashable, Sendable {
  /// The convolution as if every output saw all source channels.
  public let whole: ConvolutionShape
  public let groups: Int

  /// `groups` must divide the channels of source and output.
  public init(_ whole: ConvolutionShape, groups: Int) {
    precondition(whole.source.channels.isMultiple(of: groups) && whole.outputChannels.isMultiple(of: groups))
    self.whole = whole
    self.groups = groups
  }

  /// Source channels of a group.
  public var channels: Int { whole.source.channels / groups }
  /// Output channels of a group.
  public var outputs: Int { whole.outputChannels / groups }

  /// Of the forward pass over the batch.
  public var multiplyAdds: Int { whole.multiplyAdds / groups }

  /// Whether a group is a run of whole blocks in source and output: it is then a convolution of its own, and so lie its
  /// weights.
  public var isAligned: Bool {
    whole.layout == .blocked && channels.isMultiple(of: vectorWidth) && outputs.isMultiple(of: vectorWidth)
  }

  /// Whether every channel has its own kernel.
  public var isDepthwise: Bool { whole.layout == .blocked && channels == 1 && outputs == 1 }

  /// Floats of the weights: those of all outputs, without zeros between groups.
  public var weightFloats: Int { paddedToVector(whole.outputChannels) * channels * taps }

  var taps: Int { whole.kernel.rows * whole.kernel.columns }

  /// Groups that are computed as one convolution: as few as make whole blocks; of images, all.
  var bundleGroups: Int {
    guard whole.layout == .blocked else { return groups }
    // Both are powers of two.
    let wholeBlocks = max(
      vectorWidth / greatestCommonDivisor(vectorWidth, channels),
      vectorWidth / greatestCommonDivisor(vectorWidth, outputs))
    return min(wholeBlocks, groups)
  }

  /// Some groups that are computed as one convolution, and where it begins in the floats of the whole. Of groups whose
  /// channels are no whole blocks, weights between groups are zeros.
  struct Bundle: Sendable {
    var shape: ConvolutionShape
    var source, output, bias, weights: Int
  }

  var bundles: [Bundle] {
    var bundles: [Bundle] = []
    var weights = 0
    for first in stride(from: 0, to: groups, by: bundleGroups) {
      let count = min(bundleGroups, groups - first)
      var shape = whole
      shape.source.channels = count * channels
      shape.outputChannels = count * outputs
      shape.sourceGap += whole.source.floats(in: whole.layout) - shape.source.floats(in: whole.layout)
      shape.outputGap += whole.output.floats(in: .blocked) - shape.output.floats(in: .blocked)
      bundles.append(
        Bundle(
          shape: shape, source: first * channels * whole.source.pixels, output: first * outputs * whole.output.pixels,
          bias: first * outputs, weights: weights))
      weights += shape.weightFloats
    }
    return bundles
  }
}

/// The passes of a convolution in groups. The bias's gradient is that of a convolution without groups.
public protocol GroupedPasses: Sendable {
  var groups: ConvolutionGroups { get }
  /// How they compute, for example "direct".
  var algorithm: String { get }
  var forwardWorkspaceFloats: Int { get }
  /// Of each of the backward passes.
  var backwardWorkspaceFloats: Int { get }
  /// Of each thread.
  var scratchFloats: Int { get }

  /// `bias`: one float per output channel, padded to blocks.
  func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, training: Bool, output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>)

  func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>)

  /// Writes the gradient of the source, which must be blocked, or adds it to what is there.
  func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, accumulate: Bool,
    sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>)
}
