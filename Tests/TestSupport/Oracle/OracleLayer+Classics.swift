import Networks
import Tensors

/// The layers of the networks before batch normalization.
extension OracleLayer {
  func forwardOfClassics(_ input: Images, _ parameters: [[Double]]) -> Images {
    switch layer {
    case let layer as ResponseNormalization: return Oracle.normalize(input, layer.norm)
    case let layer as ContrastNormalization: return Oracle.normalize(input, layer.norm)
    case let layer as HyperbolicTangent:
      return Oracle.hyperbolicTangent(input, amplitude: Double(layer.amplitude), slope: Double(layer.slope))
    case is Sigmoid: return Oracle.sigmoid(input)
    case let layer as L2Pool: return Oracle.normPool(input, layer.window, up: layer.rounding == .up)
    default: preconditionFailure("The oracle does not know \(layer.kind).")
    }
  }

  func backwardOfClassics(
    _ input: Images, _ parameters: [[Double]], outputGradient: Images
  ) -> (inputs: [Images], parameters: [[Double]]) {
    switch layer {
    case let layer as ResponseNormalization:
      return ([Oracle.normalizeGradient(input, outputGradient: outputGradient, layer.norm)], [])
    case let layer as ContrastNormalization:
      return ([Oracle.normalizeGradient(input, outputGradient: outputGradient, layer.norm)], [])
    case let layer as HyperbolicTangent:
      let gradient = Oracle.hyperbolicTangentGradient(
        input, outputGradient: outputGradient, amplitude: Double(layer.amplitude), slope: Double(layer.slope))
      return ([gradient], [])
    case is Sigmoid: return ([Oracle.sigmoidGradient(input, outputGradient: outputGradient)], [])
    case let layer as L2Pool:
      return ([Oracle.normPoolGradient(input, outputGradient: outputGradient, layer.window)], [])
    default: preconditionFailure("The oracle does not know \(layer.kind).")
    }
  }
}

extension ResponseNormalization {
  fileprivate var norm: Oracle.ChannelNorm {
    Oracle.ChannelNorm(
      reach: window / 2, bias: Double(bias), alpha: Double(alpha), beta: Double(beta), centred: false)
  }
}

extension ContrastNormalization {
  fileprivate var norm: Oracle.ChannelNorm {
    Oracle.ChannelNorm(
      reach: window / 2, bias: Double(bias), alpha: Double(alpha) / Double(window), beta: Double(beta), centred: true)
  }
}

extension L2Pool {
  fileprivate var window: Window { Window(kernel: kernel, stride: stride, padding: padding) }
}
