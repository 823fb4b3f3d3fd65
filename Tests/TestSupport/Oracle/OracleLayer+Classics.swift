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
    case let layer as L2Pool: return Oracle.normPool(input, layer.windows.each, up: layer.windows.up)
    case let layer as TrainedPool:
      return Oracle.trainedPool(input, weights: parameters[0], bias: parameters[1], kernel: layer.kernel)
    case let layer as PartialConvolution:
      return Oracle.convolution(
        input, weights: layer.fullWeights(parameters[0], input), bias: parameters[1], outputs: layer.sources.count,
        layer.window)
    case let layer as RadialBasis: return Oracle.radialBasis(input, codes: layer.exactCodes)
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
      return ([Oracle.normPoolGradient(input, outputGradient: outputGradient, layer.windows.each)], [])
    case let layer as TrainedPool:
      let all = Oracle.trainedPoolGradients(
        input, weights: parameters[0], outputGradient: outputGradient, kernel: layer.kernel)
      return ([all.source], [all.weights, all.bias])
    case let layer as PartialConvolution:
      let all = Oracle.convolutionGradients(
        input, weights: layer.fullWeights(parameters[0], input), outputGradient: outputGradient, layer.window)
      let weights = Oracle.connectedWeights(
        all.weights, sources: layer.sources, channels: input.shape.channels, taps: layer.taps)
      return ([all.source], [weights, all.bias])
    case let layer as RadialBasis:
      return ([Oracle.radialBasisGradient(input, codes: layer.exactCodes, outputGradient: outputGradient)], [])
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

extension PartialConvolution {
  fileprivate var taps: Int { kernel.rows * kernel.columns }
  fileprivate var window: Window { Window(kernel: kernel, stride: Extent(1), padding: Extent(0)) }

  fileprivate func fullWeights(_ weights: [Double], _ input: Images) -> [Double] {
    Oracle.fullWeights(weights, sources: sources, channels: input.shape.channels, taps: taps)
  }
}

extension RadialBasis {
  fileprivate var exactCodes: [[Double]] { codes.prefix(outputs).map(\.doubles) }
}
