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
  ///
  /// With `gap` floats between the images of the output and of its gradient; with `inPlace` the gradient that may be is
  /// in the place of the output's.
  func run(accumulate: Bool, gap: Int = 0, inPlace: Bool = false) -> Result {
    let operation = test.layer.operation(on: test.inputs, images: test.images)
    let statistics = test.layer.statistics(of: test.inputs)
    let run = runEverywhere(scratchFloats: operation.scratchFloats) { processor, memory in
      let sources = zip(inputs, test.inputs).map { memory.input($0.packed(in: $1.layout)) }
      let values = zip(specs, parameters).map { memory.input($0.mapping.arenaValues($1)) }
      let running = statistics.map {
        memory.input(
          [Double](repeating: Double($0.initialValue), count: $0.channels), paddedTo: paddedToVector($0.channels))
      }
      let output = memory.output(test.images * outputGradient.shape.floats(in: .blocked) + (test.images - 1) * gap)
      let saved = memory.workspace(operation.savedFloats)
      var forward = ForwardMemory(
        inputs: sources, output: output, parameters: values, statistics: running,
        batchStatistics: statistics.map { memory.workspace(paddedToVector($0.channels)) }, saved: saved,
        workspace: memory.workspace(operation.forwardWorkspaceFloats), training: true)
      forward.outputGap = gap
      operation.forward(forward, on: processor)
      let givenGradient = memory.output(spread(outputGradient.packed(in: .blocked), gap: gap))
      let inputGradients = zip(test.inputs, start).enumerated().map { place, input -> InputGradient? in
        let (type, start) = input
        guard type.layout == .blocked else { return nil }
        if inPlace, place == operation.inPlaceGradient {
          return InputGradient(floats: givenGradient, gap: gap, accumulate: false)
        }
        let floats = accumulate ? memory.output(start.packed(in: .blocked)) : memory.output(test.images * type.floats)
        return InputGradient(floats: floats, accumulate: accumulate)
      }
      // A pass may read of the forward pass only what it said it needs.
      let hidden = UnsafePointer(memory.workspace(0))
      var backward = BackwardMemory(
        inputs: sources.enumerated().map { operation.needs.keepsInput($0) ? $1 : hidden },
        output: operation.needs.contains(.output) ? UnsafePointer(output) : hidden,
        outputGradient: givenGradient, inputGradients: inputGradients,
        parameters: values, parameterGradients: specs.map { memory.output($0.mapping.floats) }, statistics: running,
        saved: saved, workspace: memory.workspace(operation.backwardWorkspaceFloats))
      backward.outputGap = gap
      backward.outputGradientGap = gap
      operation.backward(backward, on: processor)
    }
    return read(run, gap: gap, inPlace: inPlace ? operation.inPlaceGradient : nil)
  }

  /// Images with `gap` floats of the guards' pattern between them.
  private func spread(_ floats: [Float], gap: Int) -> [Float] {
    let count = floats.count / test.images
    let filling = [Float](repeating: Float(bitPattern: GuardedFloats.pattern), count: gap)
    return Array((0..<test.images).map { Array(floats[$0 * count..<($0 + 1) * count]) }.joined(separator: filling))
  }

  /// Results in the order of `run`: output, output gradient, input gradients, parameter gradients.
  private func read(_ run: EverywhereRun, gap: Int, inPlace: Int?) -> Result {
    var results = run.results[...]
    var faults = run.faults
    // The images without the gaps between them, which nobody may have touched.
    func gathered(_ floats: [Float]) -> [Float] {
      let count = (floats.count - (test.images - 1) * gap) / test.images
      let starts = (0..<test.images).map { $0 * (count + gap) }
      let between = starts.dropLast().flatMap { floats[$0 + count..<$0 + count + gap] }
      if !between.allSatisfy({ $0.bitPattern == GuardedFloats.pattern }) { faults.append("wrote between images") }
      return starts.flatMap { floats[$0..<$0 + count] }
    }
    func image(_ floats: [Float], _ shape: Shape) -> Images {
      if !paddingIsZero(floats, count: test.images, shape: shape) { faults.append("padding is not zero") }
      return Images(count: test.images, shape: shape, layout: .blocked, floats: floats)
    }
    let output = image(gathered(results.removeFirst()), outputGradient.shape)
    let leftGradient = gathered(results.removeFirst())
    let inputGradients = test.inputs.enumerated().map { place, input -> Images? in
      guard input.layout == .blocked else { return nil }
      return image(place == inPlace ? leftGradient : results.removeFirst(), input.shape)
    }
    let parameterGradients = specs.map { spec -> [Double] in
      let floats = results.removeFirst()
      if !spec.mapping.paddingIsZero(floats) { faults.append("padding of \(spec.name) is not zero") }
      return spec.mapping.valuesInFileOrder(floats).doubles
    }
    return Result(
      output: output, inputGradients: inputGradients, parameterGradients: parameterGradients, faults: faults)
  }
}
