import CKernels
public import Tensors

/// Batch normalization over a batch of blocked images, with an optional residual and rectifier behind it.
///
/// Gaps are floats between the end of an image and the start of the next.
public struct BatchNormalization: Sendable {
  public let images: Int
  public let shape: Shape
  public let epsilon: Float
  public let rectify: Bool

  public init(images: Int, shape: Shape, epsilon: Float, rectify: Bool) {
    self.images = images
    self.shape = shape
    self.epsilon = epsilon
    self.rectify = rectify
  }

  /// Floats per channel vector: one per channel, padded.
  public var channelFloats: Int { shape.blocks * vectorWidth }
  /// Floats of workspace of each pass.
  public var workspaceFloats: Int { images * shape.blocks * 32 + shape.blocks * 48 }
  /// Floats of the scale and the shift by which the source is normalized.
  public var normalizationFloats: Int { shape.blocks * 32 }

  /// γ, β and the running statistics; each one float per channel, padded.
  public struct Parameters {
    public var scale, shift: UnsafePointer<Float>
    public var runningMean, runningVariance: UnsafePointer<Float>

    public init(
      scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, runningMean: UnsafePointer<Float>,
      runningVariance: UnsafePointer<Float>
    ) {
      self.scale = scale
      self.shift = shift
      self.runningMean = runningMean
      self.runningVariance = runningVariance
    }
  }

  /// What a training pass finds out about its batch; each one float per channel, padded.
  public struct Statistics {
    /// Kept for the backward pass.
    public var mean, inverseDeviation: UnsafeMutablePointer<Float>
    /// `normalizationFloats`, kept for the backward pass.
    public var normalization: UnsafeMutablePointer<Float>
    /// For the running statistics: the variance is unbiased.
    public var batchMean, batchVariance: UnsafeMutablePointer<Float>

    public init(
      mean: UnsafeMutablePointer<Float>, inverseDeviation: UnsafeMutablePointer<Float>,
      normalization: UnsafeMutablePointer<Float>, batchMean: UnsafeMutablePointer<Float>,
      batchVariance: UnsafeMutablePointer<Float>
    ) {
      self.mean = mean
      self.inverseDeviation = inverseDeviation
      self.normalization = normalization
      self.batchMean = batchMean
      self.batchVariance = batchVariance
    }
  }

  /// Normalizes by the batch's own statistics (`statistics` given) or by the running ones.
  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, residual: UnsafePointer<Float>?, parameters: Parameters,
    statistics: Statistics?, output: UnsafeMutablePointer<Float>, outputGap: Int = 0,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let kernels = processor.functions.pointee
    var arguments = arguments(source, parameters, workspace)
    arguments.residual = residual
    arguments.output = output
    arguments.output_gap = outputGap
    if let statistics {
      arguments.mean = statistics.mean
      arguments.inverse_deviation = statistics.inverseDeviation
      arguments.normalization = statistics.normalization
      arguments.batch_mean = statistics.batchMean
      arguments.batch_variance = statistics.batchVariance
      processor.run(kernels.batch_norm_sums, tasks: images * shape.blocks, arguments)
      processor.run(kernels.batch_norm_statistics, tasks: shape.blocks, arguments)
    } else {
      processor.run(kernels.batch_norm_evaluation, tasks: shape.blocks, arguments)
    }
    processor.run(kernels.batch_norm_apply, tasks: images * shape.blocks, arguments)
  }

  /// Where the gradients of a backward pass go.
  public struct Gradients {
    public var source: UnsafeMutablePointer<Float>
    public var accumulateSource: Bool
    public var residual: UnsafeMutablePointer<Float>?
    public var accumulateResidual: Bool
    public var scale, shift: UnsafeMutablePointer<Float>
    public var sourceGap = 0, residualGap = 0

    public init(
      source: UnsafeMutablePointer<Float>, accumulateSource: Bool, residual: UnsafeMutablePointer<Float>?,
      accumulateResidual: Bool, scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>
    ) {
      self.source = source
      self.accumulateSource = accumulateSource
      self.residual = residual
      self.accumulateResidual = accumulateResidual
      self.scale = scale
      self.shift = shift
    }
  }

  /// The backward pass of a training pass. `source` and `output` are the forward pass's; `output` is read only with a
  /// residual and a rectifier.
  ///
  /// The gradient of the source, or that of a residual, may be in the place of the output's.
  public func backward(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafePointer<Float>, outputGap: Int = 0,
    outputGradient: UnsafePointer<Float>, outputGradientGap: Int = 0, parameters: Parameters,
    mean: UnsafePointer<Float>,
    inverseDeviation: UnsafePointer<Float>, normalization: UnsafePointer<Float>, gradients: Gradients,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let kernels = processor.functions.pointee
    var arguments = arguments(source, parameters, workspace)
    arguments.output = UnsafeMutablePointer(mutating: output)
    arguments.output_gap = outputGap
    arguments.mean = UnsafeMutablePointer(mutating: mean)
    arguments.inverse_deviation = UnsafeMutablePointer(mutating: inverseDeviation)
    arguments.normalization = UnsafeMutablePointer(mutating: normalization)
    arguments.output_gradient = outputGradient
    arguments.output_gradient_gap = outputGradientGap
    arguments.source_gradient = gradients.source
    arguments.source_gradient_gap = gradients.sourceGap
    arguments.accumulate_source = gradients.accumulateSource
    arguments.residual_gradient = gradients.residual
    arguments.residual_gradient_gap = gradients.residualGap
    arguments.accumulate_residual = gradients.accumulateResidual
    arguments.scale_gradient = gradients.scale
    arguments.shift_gradient = gradients.shift
    processor.run(kernels.batch_norm_backward_sums, tasks: images * shape.blocks, arguments)
    processor.run(kernels.batch_norm_backward_coefficients, tasks: shape.blocks, arguments)
    processor.run(kernels.batch_norm_backward_apply, tasks: images * shape.blocks, arguments)
  }

  private func arguments(
    _ source: UnsafePointer<Float>, _ parameters: Parameters, _ workspace: UnsafeMutablePointer<Float>
  ) -> batch_norm_arguments {
    var arguments = batch_norm_arguments()
    arguments.images = Int32(images)
    arguments.blocks = Int32(shape.blocks)
    arguments.pixels = shape.pixels
    arguments.epsilon = epsilon
    arguments.rectify = rectify
    arguments.source = source
    arguments.scale = parameters.scale
    arguments.shift = parameters.shift
    arguments.running_mean = UnsafeMutablePointer(mutating: parameters.runningMean)
    arguments.running_variance = UnsafeMutablePointer(mutating: parameters.runningVariance)
    arguments.partial = workspace
    arguments.coefficients = workspace + images * shape.blocks * 32
    arguments.normalization = arguments.coefficients  // In evaluation nothing is kept.
    return arguments
  }
}
