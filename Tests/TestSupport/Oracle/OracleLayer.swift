public import Networks
import Tensors

/// A layer's two passes in double precision. Parameters are in file order.
public struct OracleLayer: Sendable {
  public let layer: any Layer

  public init(_ layer: any Layer) { self.layer = layer }

  /// - Parameter moments: Of the running statistics in evaluation; nil in training.
  public func forward(_ inputs: [Images], parameters: [[Double]], moments: Oracle.Moments? = nil) -> Images {
    switch layer {
    case let layer as Convolution:
      let output = Oracle.convolution(
        inputs[0], weights: parameters[0], bias: layer.bias ? parameters[1] : nil, outputs: layer.channels,
        layer.window,
        groups: layer.groups)
      return layer.rectify ? Oracle.rectify(output) : output
    case let layer as LocallyConnected:
      let output = Oracle.locallyConnected(
        inputs[0], weights: parameters[0], bias: layer.bias ? parameters[1] : nil, outputs: layer.channels, layer.window
      )
      return layer.rectify ? Oracle.rectify(output) : output
    case let layer as Dense:
      let output = Oracle.dense(inputs[0], weights: parameters[0], bias: parameters[1])
      return layer.rectify ? Oracle.rectify(output) : output
    case let layer as BatchNorm:
      var output = Oracle.normalize(
        inputs[0], moments ?? Oracle.moments(inputs[0]), scale: parameters[0], shift: parameters[1],
        epsilon: Double(layer.epsilon))
      if inputs.count > 1 { output = Oracle.add(output, inputs[1]) }
      return layer.rectify ? Oracle.rectify(output) : output
    case let layer as Add:
      let output = Oracle.add(inputs[0], inputs[1])
      return layer.rectify ? Oracle.rectify(output) : output
    case is ReLU: return Oracle.rectify(inputs[0])
    case let layer as MaxPool: return Oracle.maxPool(inputs[0], layer.windows.each, up: layer.windows.up).output
    case let layer as AveragePool:
      return Oracle.averagePool(inputs[0], layer.windows.each, up: layer.windows.up, countPadding: layer.countPadding)
    case is GlobalAveragePool:
      return Oracle.averagePool(inputs[0], inputs[0].wholePlane, up: false, countPadding: true)
    case let layer as Subsample:
      return Oracle.subsample(inputs[0], channels: layer.channels, stride: layer.stride)
    case is Concatenate: return Oracle.concatenate(inputs)
    case let layer as AdaptiveAveragePool: return Oracle.adaptiveAverage(inputs[0], to: layer.size)
    default: return forwardOfClassics(inputs[0], parameters)
    }
  }

  /// The gradients of the inputs and parameters of a training pass.
  public func backward(
    _ inputs: [Images], output: Images, parameters: [[Double]], outputGradient: Images
  ) -> (inputs: [Images], parameters: [[Double]]) {
    var gradient = outputGradient
    if let layer = layer as? any RectifiableLayer, layer.rectify {
      gradient = Oracle.rectifyGradient(output: output, outputGradient: gradient)
    }
    switch layer {
    case let layer as Convolution:
      let all = Oracle.convolutionGradients(
        inputs[0], weights: parameters[0], outputGradient: gradient, layer.window, groups: layer.groups)
      return ([all.source], layer.bias ? [all.weights, all.bias] : [all.weights])
    case let layer as LocallyConnected:
      let all = Oracle.locallyConnectedGradients(
        inputs[0], weights: parameters[0], outputGradient: gradient, layer.window)
      return ([all.source], layer.bias ? [all.weights, all.bias] : [all.weights])
    case is Dense:
      let all = Oracle.denseGradients(inputs[0], weights: parameters[0], outputGradient: gradient)
      return ([all.source], [all.weights, all.bias])
    case let layer as BatchNorm:
      let all = Oracle.normalizeGradients(
        inputs[0], scale: parameters[0], epsilon: Double(layer.epsilon), outputGradient: gradient)
      return (inputs.count > 1 ? [all.source, gradient] : [all.source], [all.scale, all.shift])
    case is Add: return ([gradient, gradient], [])
    case is ReLU: return ([Oracle.rectifyGradient(output: output, outputGradient: gradient)], [])
    case let layer as MaxPool:
      let winners = Oracle.maxPool(inputs[0], layer.windows.each, up: layer.windows.up).winners
      return ([Oracle.maxPoolGradient(inputs[0], winners: winners, outputGradient: gradient)], [])
    case let layer as AveragePool:
      let source = Oracle.averagePoolGradient(
        inputs[0], outputGradient: gradient, layer.windows.each, countPadding: layer.countPadding)
      return ([source], [])
    case is GlobalAveragePool:
      let source = Oracle.averagePoolGradient(
        inputs[0], outputGradient: gradient, inputs[0].wholePlane, countPadding: true)
      return ([source], [])
    case let layer as Subsample:
      return ([Oracle.subsampleGradient(inputs[0], outputGradient: gradient, stride: layer.stride)], [])
    case is Concatenate: return (Oracle.split(gradient, into: inputs.map(\.shape)), [])
    case let layer as AdaptiveAveragePool:
      return ([Oracle.adaptiveAverageGradient(inputs[0], outputGradient: gradient, to: layer.size)], [])
    default: return backwardOfClassics(inputs[0], parameters, outputGradient: gradient)
    }
  }
}

extension Images {
  fileprivate var wholePlane: Window {
    let plane = Extent(rows: shape.height, columns: shape.width)
    return Window(kernel: plane, stride: plane, padding: Extent(0))
  }
}

extension Convolution {
  fileprivate var window: Window { Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation) }
}

extension LocallyConnected {
  fileprivate var window: Window { Window(kernel: kernel, stride: stride, padding: padding) }
}

extension PoolWindows {
  var each: Window { Window(kernel: kernel, stride: stride, padding: padding) }
  var up: Bool { rounding == .up }
}
