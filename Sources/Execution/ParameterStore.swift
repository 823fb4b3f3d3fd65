public import Kernels
public import Networks
import Tensors
import Workers

/// How the tensors of a network move between its arenas and files: names, layouts and first values.
public struct ParameterStore: Sendable {
  /// One tensor of the network as files have it.
  public struct Tensor: Sendable {
    public let name: String
    /// PyTorch's.
    public let shape: [Int]
    /// In the parameter or statistics arena.
    public let range: Range<Int>
    public let mapping: TensorMapping

    public var count: Int { mapping.count }
  }

  public let parameters: [Tensor]
  public let statistics: [Tensor]
  private let initializations: [Initialization]
  private let initialStatistics: [Float]

  public init(_ plan: Plan, _ network: Network) {
    var parameters: [Tensor] = []
    var statistics: [Tensor] = []
    var initializations: [Initialization] = []
    var initialStatistics: [Float] = []
    for (step, node) in zip(plan.steps, network.nodes.dropFirst()) {
      let inputs = network.inputTypes(of: node)
      for (place, spec) in zip(step.parameters, node.layer?.parameters(of: inputs) ?? []) {
        let planned = plan.parameters[place]
        parameters.append(
          Tensor(name: planned.name, shape: planned.shape, range: planned.range, mapping: spec.mapping))
        initializations.append(spec.initialization)
      }
      for (place, spec) in zip(step.statistics, node.layer?.statistics(of: inputs) ?? []) {
        let planned = plan.statistics[place]
        statistics.append(
          Tensor(
            name: planned.name, shape: [planned.channels], range: planned.range,
            mapping: .vector(count: planned.channels)))
        initialStatistics.append(spec.initialValue)
      }
    }
    self.parameters = parameters
    self.statistics = statistics
    self.initializations = initializations
    self.initialStatistics = initialStatistics
  }

  /// Writes the first values: a function of (network, seed) alone. Both arenas must be zero; without a place for the
  /// parameters only statistics are written.
  public func initialize(
    parameters arena: UnsafeMutablePointer<Float>?, statistics statisticArena: UnsafeMutablePointer<Float>,
    seed: UInt64,
    on processor: Processor
  ) {
    if let arena { initialize(arena, seed: seed, on: processor) }
    for (tensor, value) in zip(statistics, initialStatistics) {
      (statisticArena + tensor.range.lowerBound).update(repeating: value, count: tensor.count)
    }
  }

  private func initialize(_ arena: UnsafeMutablePointer<Float>, seed: UInt64, on processor: Processor) {
    let pieces = zip(parameters, initializations).enumerated().flatMap { index, tensor in
      InitialPiece.cut(tensor.0, tensor.1, stream: index)
    }
    let target = InitialPiece.Target(arena: arena, seed: seed)
    processor.team.run(tasks: pieces.count) { pieces[$0].write(to: target, on: processor) }
  }
}
