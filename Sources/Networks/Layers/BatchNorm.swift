import Kernels
public import Tensors

/// Batch normalization (Ioffe and Szegedy 2015): per channel γ·(x − mean)/√(variance + ε) + β.
///
/// Training takes mean and variance from the microbatch and measures running ones for evaluation. A plan may put a
/// residual addition and a rectifier behind it into the same pass: inputs are then x and the residual.
public struct BatchNorm: RectifiableLayer, PointwiseLayer {
  public var epsilon: Float
  /// The weight of a new measurement in the running statistics.
  public var momentum: Float
  public var initialScale: Float
  public var rectify = false

  public init(epsilon: Float = 1e-5, momentum: Float = 0.1, initialScale: Float = 1) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.initialScale = initialScale
  }

  public var kind: String { rectify ? "batch norm + relu" : "batch norm" }

  public func kind(of inputs: [Shape]) -> String {
    "batch norm\(inputs.count > 1 ? " + add" : "")\(rectify ? " + relu" : "")"
  }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.allSatisfy({ $0 == inputs[0] }) else {
      throw ShapeError("\(inputs.map(\.description).joined(separator: " and ")) cannot be added.")
    }
    return inputs[0]
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let channels = TensorMapping.vector(count: inputs[0].shape.channels)
    return [
      ParameterSpec("weight", .scale, channels, .constant(initialScale)),
      ParameterSpec("bias", .shift, channels, .constant(0)),
    ]
  }

  public func statistics(of inputs: [TensorType]) -> [StatisticSpec] {
    let channels = inputs[0].shape.channels
    return [
      StatisticSpec("running_mean", channels: channels, initialValue: 0, momentum: momentum),
      StatisticSpec("running_var", channels: channels, initialValue: 1, momentum: momentum),
    ]
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    BatchNormOperation(
      pass: BatchNormalization(images: images, shape: inputs[0].shape, epsilon: epsilon, rectify: rectify),
      hasResidual: inputs.count > 1)
  }
}

struct BatchNormOperation: Operation {
  let pass: BatchNormalization
  let hasResidual: Bool

  /// Without a residual the source tells where the rectifier has cut.
  var needs: BackwardNeeds { pass.rectify && hasResidual ? [.firstInput, .output] : .firstInput }
  /// A residual's gradient is the output's behind the rectifier.
  var inPlaceGradient: Int? { hasResidual ? 1 : 0 }
  var allowsGaps: Bool { true }
  /// The batch's mean and inverse deviation, and the scale and shift made of them.
  var savedFloats: Int { 2 * pass.channelFloats + pass.normalizationFloats }
  var forwardWorkspaceFloats: Int { pass.workspaceFloats }
  var backwardWorkspaceFloats: Int { pass.workspaceFloats }

  /// Two sweeps in training: the sums over the batch come before what is made of them. The second one of backward finds
  /// the gradient behind the rectifier where the first has left it for the residual.
  func traffic(of pass: Pass, on tensors: NodeTensors) -> Traffic {
    var traffic = oneSweep(of: pass, on: tensors)
    guard tensors.training else { return traffic }
    traffic.read(floats: tensors.inputs[0])
    guard pass == .backward else { return traffic }
    traffic.read(floats: tensors.output)
    if needs.contains(.output), tensors.gradients[1] != .written { traffic.read(floats: tensors.output) }
    return traffic
  }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    let statistics =
      memory.training
      ? BatchNormalization.Statistics(
        mean: memory.saved, inverseDeviation: memory.saved + pass.channelFloats,
        normalization: memory.saved + 2 * pass.channelFloats, batchMean: memory.batchStatistics[0],
        batchVariance: memory.batchStatistics[1])
      : nil
    pass.forward(
      on: processor, source: memory.inputs[0], residual: memory.inputs.count > 1 ? memory.inputs[1] : nil,
      parameters: parameters(memory.parameters, memory.statistics), statistics: statistics, output: memory.output,
      outputGap: memory.outputGap, workspace: memory.workspace)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let source = memory.inputGradients[0] else { return }
    let residual = memory.inputGradients.count > 1 ? memory.inputGradients[1] : nil
    var gradients = BatchNormalization.Gradients(
      source: source.floats, accumulateSource: source.accumulate, residual: residual?.floats,
      accumulateResidual: residual?.accumulate ?? false, scale: memory.parameterGradients[0],
      shift: memory.parameterGradients[1])
    gradients.sourceGap = source.gap
    gradients.residualGap = residual?.gap ?? 0
    pass.backward(
      on: processor, source: memory.inputs[0], output: memory.output, outputGap: memory.outputGap,
      outputGradient: memory.outputGradient, outputGradientGap: memory.outputGradientGap,
      parameters: parameters(memory.parameters, memory.statistics), mean: memory.saved,
      inverseDeviation: memory.saved + pass.channelFloats, normalization: memory.saved + 2 * pass.channelFloats,
      gradients: gradients, workspace: memory.workspace)
  }

  private func parameters(
    _ parameters: [UnsafePointer<Float>], _ statistics: [UnsafePointer<Float>]
  ) -> BatchNormalization.Parameters {
    BatchNormalization.Parameters(
      scale: parameters[0], shift: parameters[1], runningMean: statistics[0], runningVariance: statistics[1])
  }
}
