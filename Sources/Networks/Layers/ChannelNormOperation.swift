import Kernels

/// The passes of response and of contrast normalization. What was divided by is not kept: backward computes it again.
struct ChannelNormOperation: Operation {
  let pass: ChannelNormalization

  var needs: BackwardNeeds { .inputs }
  var inPlaceGradient: Int? { 0 }
  var scratchFloats: Int { pass.scratchFloats }

  /// Refuses what has no middle, or would divide by 0.
  static func require(window: Int, bias: Float, alpha: Float) throws(ShapeError) {
    guard window > 0, window % 2 == 1 else {
      throw ShapeError("a window of \(window) maps has no middle; take an odd number.")
    }
    guard bias > 0, alpha >= 0 else {
      throw ShapeError("bias \(bias) must be above 0 and alpha \(alpha) not below, or maps of zeros are divided by 0.")
    }
  }

  func forward(_ memory: ForwardMemory, on processor: Processor) {
    pass.forward(on: processor, source: memory.inputs[0], output: memory.output)
  }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    guard let gradient = memory.inputGradients[0] else { return }
    pass.backward(
      on: processor, source: memory.inputs[0], outputGradient: memory.outputGradient, sourceGradient: gradient.floats,
      accumulate: gradient.accumulate)
  }
}
