public import Networks
import Tensors

/// A whole network in double precision: the layers of a `Network`, composed by hand.
public struct OracleNetwork: Sendable {
  public let network: Network

  /// Values of parameters or statistics, by name, in file order.
  public typealias Values = [String: [Double]]

  public init(_ network: Network) { self.network = network }

  /// What every node computes.
  public func forward(_ images: Images, parameters: Values, statistics: Values, training: Bool) -> [Images] {
    var outputs = [images]
    for node in network.nodes.dropFirst() {
      outputs.append(
        layer(of: node).forward(
          node.inputs.map { outputs[$0] }, parameters: parametersOf(node, parameters),
          moments: training ? nil : runningMoments(node, statistics)))
    }
    return outputs
  }

  /// The gradients of all parameters of a training pass.
  public func backward(_ outputs: [Images], parameters: Values, logitsGradient: Images) -> Values {
    var gradients = [Images?](repeating: nil, count: outputs.count)
    gradients[network.output] = logitsGradient
    var result: Values = [:]
    for (id, node) in network.nodes.enumerated().dropFirst().reversed() {
      guard let gradient = gradients[id] else { continue }
      let all = layer(of: node).backward(
        node.inputs.map { outputs[$0] }, output: outputs[id], parameters: parametersOf(node, parameters),
        outputGradient: gradient)
      for (spec, values) in zip(specs(of: node), all.parameters) { result["\(node.name).\(spec.name)"] = values }
      for (input, part) in zip(node.inputs, all.inputs) {
        gradients[input] = gradients[input].map { Oracle.add($0, part) } ?? part
      }
    }
    return result
  }

  /// The mean and unbiased variance of each batch norm's input in a training pass, named as its running statistics.
  public func batchStatistics(_ outputs: [Images]) -> Values {
    var result: Values = [:]
    for node in network.nodes.dropFirst() where node.layer is BatchNorm {
      let moments = Oracle.moments(outputs[node.inputs[0]])
      result["\(node.name).running_mean"] = moments.mean
      result["\(node.name).running_var"] = moments.unbiasedVariance
    }
    return result
  }

  private func layer(of node: Network.Node) -> OracleLayer {
    guard let layer = node.layer else { preconditionFailure("The images have no layer.") }
    return OracleLayer(layer)
  }

  private func specs(of node: Network.Node) -> [ParameterSpec] {
    node.layer?.parameters(of: network.inputTypes(of: node)) ?? []
  }

  private func parametersOf(_ node: Network.Node, _ values: Values) -> [[Double]] {
    specs(of: node).map { spec in
      guard let value = values["\(node.name).\(spec.name)"] else {
        preconditionFailure("\(node.name).\(spec.name) has no value.")
      }
      return value
    }
  }

  private func runningMoments(_ node: Network.Node, _ statistics: Values) -> Oracle.Moments? {
    guard let mean = statistics["\(node.name).running_mean"], let variance = statistics["\(node.name).running_var"]
    else {
      return nil
    }
    return Oracle.Moments(mean: mean, variance: variance, count: 1)
  }
}
