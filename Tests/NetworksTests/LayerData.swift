import Kernels
import Networks
import Tensors
import TestSupport

/// The numbers of one layer case: inputs, parameters and the gradient that comes back.
struct LayerData {
  let test: LayerCase
  let inputs: [Images]
  let parameters: [[Double]]
  let outputGradient: Images
  /// What accumulated gradients begin with.
  let start: [Images]
  let specs: [ParameterSpec]

  init(_ test: LayerCase, seed: UInt64) throws {
    self.test = test
    var numbers = TestNumbers(seed: seed)
    inputs = test.inputs.map { numbers.images(test.images, $0.shape) }
    specs = test.layer.parameters(of: test.inputs)
    parameters = specs.map { numbers.array($0.mapping.count) }
    outputGradient = numbers.images(test.images, try test.layer.output(of: test.inputs.map(\.shape)))
    start = test.inputs.map { numbers.images(test.images, $0.shape) }
  }

  /// What the layer's operation computed.
  struct Result {
    var output: Images
    /// Nil where the input is interleaved.
    var inputGradients: [Images?]
    var parameterGradients: [[Double]]
    var faults: [String]
  }

  /// Both passes of a training step, with every instruction set and team.
  func run(accumulate: Bool) -> Result {
    let operation = test.layer.operation(on: test.inputs, images: test.images)
    let statistics = test.layer.statistics(of: test.inputs)
    let run = runEverywhere(scratchFloats: operation.scratchFloats) { processor, memory in
      let sources = zip(inputs, test.inputs).map { memory.input($0.packed(in: $1.layout)) }
      let values = zip(specs, parameters).map { memory.input($0.mapping.arenaValues($1)) }
      let running = statistics.map {
        memory.input(
          [Double](repeating: Double($0.initialValue), count: $0.channels), paddedTo: paddedToVector($0.channels))
      }
      let output = memory.output(test.images * outputGradient.shape.floats(in: .blocked))
      let saved = memory.workspace(operation.savedFloats)
      operation.forward(
        ForwardMemory(
          inputs: sources, output: output, parameters: values, statistics: running,
          batchStatistics: statistics.map { memory.workspace(paddedToVector($0.channels)) }, saved: saved,
          workspace: memory.workspace(operation.forwardWorkspaceFloats), training: true),
        on: processor)
      let inputGradients = zip(test.inputs, start).map { type, start -> InputGradient? in
        guard type.layout == .blocked else { return nil }
        let floats = accumulate ? memory.output(start.packed(in: .blocked)) : memory.output(test.images * type.floats)
        return InputGradient(floats: floats, accumulate: accumulate)
      }
      // A pass may read of the forward pass only what it said it needs.
      let hidden = UnsafePointer(memory.workspace(0))
      operation.backward(
        BackwardMemory(
          inputs: sources.enumerated().map { operation.needs.keepsInput($0) ? $1 : hidden },
          output: operation.needs.contains(.output) ? UnsafePointer(output) : hidden,
          outputGradient: memory.output(outputGradient.packed(in: .blocked)), inputGradients: inputGradients,
          parameters: values, parameterGradients: specs.map { memory.output($0.mapping.floats) }, statistics: running,
          saved: saved, workspace: memory.workspace(operation.backwardWorkspaceFloats)),
        on: processor)
    }
    return read(run)
  }

  /// Results in the order of `run`: output, input gradients, output gradient, parameter gradients.
  private func read(_ run: EverywhereRun) -> Result {
    var results = run.results[...]
    var faults = run.faults
    func image(_ floats: [Float], _ shape: Shape) -> Images {
      if !paddingIsZero(floats, count: test.images, shape: shape) { faults.append("padding is not zero") }
      return Images(count: test.images, shape: shape, layout: .blocked, floats: floats)
    }
    let output = image(results.removeFirst(), outputGradient.shape)
    let inputGradients = test.inputs.map { $0.layout == .blocked ? image(results.removeFirst(), $0.shape) : nil }
    results.removeFirst()
    let parameterGradients = specs.map { spec -> [Double] in
      let floats = results.removeFirst()
      if !spec.mapping.paddingIsZero(floats) { faults.append("padding of \(spec.name) is not zero") }
      return spec.mapping.valuesInFileOrder(floats).doubles
    }
    return Result(
      output: output, inputGradients: inputGradients, parameterGradients: parameterGradients, faults: faults)
  }
}
