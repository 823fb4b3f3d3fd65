import Kernels
public import Tensors

/// A convolution of stride 1 whose maps see only some of the source's maps each (LeCun et al. 1998, table I).
///
/// Only weights of connections are parameters: in files `weight` is connection × row × column, the connections in the
/// order of the maps and, for each map, of the sources that it sees. In memory they stand among zeros, as a full
/// convolution's; the zeros stay, as they get no gradient. Weights and biases begin as the paper says (appendix A),
/// each map with its own fan-in.
public struct PartialConvolution: Layer {
  /// For each map the source's maps that it sees, in rising order.
  public var sources: [[Int]]
  public var kernel: Extent

  public init(_ sources: [[Int]], kernel: Extent) {
    self.sources = sources
    self.kernel = kernel
  }

  public var kind: String { "partial convolution \(kernel)" }

  public func output(of inputs: [Shape]) throws(ShapeError) -> Shape {
    let channels = 0..<inputs[0].channels
    guard !sources.isEmpty, sources.allSatisfy({ !$0.isEmpty && $0.allSatisfy(channels.contains) }) else {
      throw ShapeError("its table of connections does not fit to the \(channels.count) maps of \(inputs[0]).")
    }
    guard sources.allSatisfy({ zip($0, $0.dropFirst()).allSatisfy { $0 < $1 } }) else {
      throw ShapeError("its table of connections does not name the sources of each map in rising order.")
    }
    return try full.output(of: inputs)
  }

  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] {
    let bounds = sources.map { Initialization.leCunBound(fanIn: $0.count * kernel.rows * kernel.columns) }
    return [
      ParameterSpec(
        "weight", .weight, .partialConvolution(sources: sources, source: inputs[0], kernel: kernel),
        .uniformRows(bounds: zip(sources, bounds).flatMap { [Float](repeating: $1, count: $0.count) })),
      ParameterSpec("bias", .bias, .vector(count: sources.count), .uniformRows(bounds: bounds)),
    ]
  }

  public func multiplyAdds(of inputs: [Shape]) -> Int {
    full.multiplyAdds(of: inputs) / (inputs[0].channels * sources.count) * sources.reduce(0) { $0 + $1.count }
  }

  public func operation(on inputs: [TensorType], images: Int) -> any Operation {
    PartialConvolutionOperation(
      full: full.operation(on: inputs, images: images),
      connections: Connections(sources, channels: inputs[0].shape.channels, taps: kernel.rows * kernel.columns))
  }

  /// The convolution with zeros for what is not connected.
  private var full: Convolution {
    var convolution = Convolution(sources.count, kernel: kernel, bias: true)
    convolution.algorithm = .direct
    return convolution
  }
}

struct PartialConvolutionOperation: Operation {
  let full: any Operation
  let connections: Connections

  var needs: BackwardNeeds { full.needs }
  var forwardWorkspaceFloats: Int { full.forwardWorkspaceFloats }
  var backwardWorkspaceFloats: Int { full.backwardWorkspaceFloats }
  var scratchFloats: Int { full.scratchFloats }

  func algorithm(of pass: Pass) -> String { full.algorithm(of: pass) }

  func forward(_ memory: ForwardMemory, on processor: Processor) { full.forward(memory, on: processor) }

  func backward(_ memory: BackwardMemory, on processor: Processor) {
    full.backward(memory, on: processor)
    connections.keep(in: memory.parameterGradients[0], on: processor)
  }
}
