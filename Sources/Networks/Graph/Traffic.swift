import Tensors

/// One of a node's two passes over a batch.
public enum Pass: String, Codable, Sendable, CaseIterable {
  case forward, backward
}

/// Bytes that a pass takes from memory and brings there, as far as the sizes of its tensors tell: what caches keep or
/// fetch twice is left out, and so are workspace and scratch.
public struct Traffic: Codable, Hashable, Sendable {
  public private(set) var readBytes = 0
  public private(set) var writtenBytes = 0

  public init() {}

  public var bytes: Int { readBytes + writtenBytes }

  public mutating func read(floats: Int) { readBytes += floats * MemoryLayout<Float>.stride }
  public mutating func write(floats: Int) { writtenBytes += floats * MemoryLayout<Float>.stride }

  public static func += (sum: inout Traffic, traffic: Traffic) {
    sum.readBytes += traffic.readBytes
    sum.writtenBytes += traffic.writtenBytes
  }
}

/// What a node's passes over a batch work on: the floats of each tensor, padding included, as it lies in memory.
public struct NodeTensors: Sendable {
  public var inputs: [Int]
  public var output: Int
  /// Parameters that multiply: weights and scales. Backward needs them for the gradients of inputs.
  public var factors: Int
  /// Biases and shifts, which only forward reads.
  public var summands: Int
  /// All running statistics together.
  public var statistics: Int
  /// What backward does about each input's gradient.
  public var gradients: [Gradient]
  /// For each input whether it lies in the output, and its gradient in the output's: see `Operation.partOffsets`.
  public var joined: [Bool]
  /// Of the forward pass, without padding.
  public var multiplyAdds: Int
  /// Whether a backward pass follows.
  public var training: Bool

  /// How a backward pass leaves the gradient of an input.
  public enum Gradient: Sendable {
    /// The input needs none.
    case absent
    case written
    /// Added to what another consumer of the input has written.
    case accumulated
  }

  /// The tensors of `layer` on `images` images of `inputs`.
  public init(
    _ layer: any Layer, on inputs: [TensorType], output: TensorType, images: Int, gradients: [Gradient],
    joined: [Bool]? = nil, training: Bool
  ) {
    self.inputs = inputs.map { images * $0.floats }
    self.output = images * output.floats
    let parameters = layer.parameters(of: inputs)
    func floats(_ roles: Set<ParameterSpec.Role>) -> Int {
      parameters.reduce(0) { $0 + (roles.contains($1.role) ? $1.mapping.floats : 0) }
    }
    factors = floats([.weight, .scale])
    summands = floats([.bias, .shift])
    statistics = layer.statistics(of: inputs).reduce(0) { $0 + paddedToVector($1.channels) }
    self.gradients = gradients
    self.joined = joined ?? inputs.map { _ in false }
    multiplyAdds = images * layer.multiplyAdds(of: inputs.map(\.shape))
    self.training = training
  }
}

extension Operation {
  public func algorithm(of pass: Pass) -> String { "" }

  public func flops(of pass: Pass, on tensors: NodeTensors) -> Int {
    switch pass {
    case .forward: 2 * tensors.multiplyAdds
    // One product more for the weights, and one for each input that has a gradient.
    case .backward: 2 * tensors.multiplyAdds * (1 + tensors.gradients.count { $0 != .absent })
    }
  }

  public func traffic(of pass: Pass, on tensors: NodeTensors) -> Traffic { oneSweep(of: pass, on: tensors) }

  /// The traffic of a pass that touches each of its tensors once.
  public func oneSweep(of pass: Pass, on tensors: NodeTensors) -> Traffic {
    var traffic = Traffic()
    switch pass {
    case .forward:
      traffic.read(floats: tensors.inputs.reduce(tensors.factors + tensors.summands, +))
      traffic.write(floats: tensors.output)
      if tensors.training {
        traffic.write(floats: savedFloats + tensors.statistics)
      } else {
        traffic.read(floats: tensors.statistics)
      }
    case .backward:
      traffic.read(floats: tensors.output + savedFloats)
      if needs.contains(.output) { traffic.read(floats: tensors.output) }
      for (place, floats) in tensors.inputs.enumerated() where needs.keepsInput(place) { traffic.read(floats: floats) }
      if tensors.gradients.contains(where: { $0 != .absent }) { traffic.read(floats: tensors.factors) }
      traffic.write(floats: tensors.factors + tensors.summands)
      for (floats, gradient) in zip(tensors.inputs, tensors.gradients) where gradient != .absent {
        if gradient == .accumulated { traffic.read(floats: floats) }
        traffic.write(floats: floats)
      }
    }
    return traffic
  }
}
