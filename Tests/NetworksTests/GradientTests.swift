import Networks
import Tensors
import TestSupport
import Testing

/// The loss is L = Σ f(inputs, parameters) · g for a random g, so backward must give ∂L/∂inputs and ∂L/∂parameters.
@Suite("Every layer differentiates what it computes", .serialized)
struct GradientTests {
  @Test(arguments: LayerCase.all)
  func forwardMatchesTheOracle(_ test: LayerCase) throws {
    let data = try LayerData(test, seed: 1)
    let result = data.run(accumulate: false)
    #expect(result.faults.isEmpty, "\(result.faults)")
    let expected = OracleLayer(test.layer).forward(data.inputs, parameters: data.parameters)
    #expect(relativeError(result.output.values, expected.values) < 2e-6)
  }

  /// ⟨∂L, r⟩ must equal (L(x + εr) − L(x − εr)) / 2ε: one direction r tests the whole Jacobian at once. The errors of
  /// the float gradients are below 1e-6 of their norms; the bound leaves room for directions that nearly cancel.
  @Test(arguments: LayerCase.all)
  func backwardMatchesRandomDirections(_ test: LayerCase) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let data = try LayerData(test, seed: seed)
      let result = data.run(accumulate: false)
      #expect(result.faults.isEmpty, "\(result.faults)")
      var numbers = TestNumbers(seed: seed + 100)
      let inputs = zip(data.inputs, result.inputGradients).map { input, gradient in
        gradient == nil ? Images(count: input.count, shape: input.shape) : numbers.images(input.count, input.shape)
      }
      let parameters = data.parameters.map { numbers.array($0.count) }
      let difference = slope(of: data, inputs, parameters, step: 1e-6)
      var predicted = 0.0
      var size = 0.0
      for (gradient, direction) in zip(result.inputGradients, inputs) {
        guard let gradient else { continue }
        predicted += gradient.dot(direction)
        size += gradient.values.norm
      }
      for (gradient, direction) in zip(result.parameterGradients, parameters) {
        predicted += zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        size += gradient.norm
      }
      #expect(abs(predicted - difference) < 2e-6 * size)
    }
  }

  @Test(arguments: LayerCase.all.filter { $0.size < 700 })
  func backwardMatchesEveryElement(_ test: LayerCase) throws {
    let data = try LayerData(test, seed: 7)
    let result = data.run(accumulate: false)
    let noInputs = data.inputs.map { Images(count: $0.count, shape: $0.shape) }
    let noParameters = data.parameters.map { [Double](repeating: 0, count: $0.count) }
    for (index, gradient) in result.inputGradients.enumerated() {
      guard let gradient else { continue }
      let slopes = gradient.values.indices.map { element -> Double in
        var directions = noInputs
        directions[index].values[element] = 1
        return slope(of: data, directions, noParameters, step: 1e-6)
      }
      #expect(relativeError(gradient.values, slopes) < 2e-6)
    }
    for (index, gradient) in result.parameterGradients.enumerated() {
      let slopes = gradient.indices.map { element -> Double in
        var directions = noParameters
        directions[index][element] = 1
        return slope(of: data, noInputs, directions, step: 1e-6)
      }
      #expect(relativeError(gradient, slopes) < 2e-6)
    }
  }

  /// The oracle's own backward pass, with which whole networks are compared.
  @Test(arguments: LayerCase.all)
  func oracleBackwardAgrees(_ test: LayerCase) throws {
    let data = try LayerData(test, seed: 3)
    let result = data.run(accumulate: false)
    let layer = OracleLayer(test.layer)
    let expected = layer.backward(
      data.inputs, output: layer.forward(data.inputs, parameters: data.parameters), parameters: data.parameters,
      outputGradient: data.outputGradient)
    for (gradient, expected) in zip(result.inputGradients, expected.inputs) {
      if let gradient { #expect(relativeError(gradient.values, expected.values) < 2e-6) }
    }
    for (gradient, expected) in zip(result.parameterGradients, expected.parameters) {
      #expect(relativeError(gradient, expected) < 2e-6)
    }
  }

  /// Where several layers read one tensor, each adds its part.
  @Test(arguments: LayerCase.all)
  func gradientsAddToWhatIsThere(_ test: LayerCase) throws {
    let data = try LayerData(test, seed: 2)
    let alone = data.run(accumulate: false)
    let added = data.run(accumulate: true)
    #expect(added.faults.isEmpty, "\(added.faults)")
    for ((alone, added), start) in zip(zip(alone.inputGradients, added.inputGradients), data.start) {
      guard let alone, let added else { continue }
      #expect(relativeError(added.values, Oracle.add(alone, start).values) < 1e-6)
    }
    #expect(alone.parameterGradients == added.parameterGradients)
  }

  /// Parts of a concatenation have the other parts between their images; nothing of it reaches a result, or is touched.
  @Test(arguments: LayerCase.all, [false, true])
  func gapsChangeNothing(_ test: LayerCase, inPlace: Bool) throws {
    let operation = test.layer.operation(on: test.inputs, images: test.images)
    guard operation.allowsGaps, !inPlace || operation.inPlaceGradient != nil else { return }
    let data = try LayerData(test, seed: 5)
    let plain = data.run(accumulate: false)
    let spread = data.run(accumulate: false, gap: 80, inPlace: inPlace)
    #expect(spread.faults.isEmpty, "\(spread.faults)")
    #expect(spread.output.values.map(\.bitPattern) == plain.output.values.map(\.bitPattern))
    for (spread, plain) in zip(spread.inputGradients, plain.inputGradients) {
      #expect(spread?.values.map(\.bitPattern) == plain?.values.map(\.bitPattern))
    }
    #expect(spread.parameterGradients == plain.parameterGradients)
  }

  /// Whatever ends a branch of the published networks.
  @Test func mostLayersAllowGaps() {
    let operations = LayerCase.all.map { $0.layer.operation(on: $0.inputs, images: $0.images) }
    let allowing = Set(operations.filter(\.allowsGaps).map { "\(type(of: $0))" })
    #expect(
      allowing == [
        "AveragePoolOperation", "BatchNormOperation", "ConcatenateOperation", "ConvolutionOperation",
        "MaxPoolOperation", "WinogradOperation",
      ])
  }

  /// The central difference of the oracle's loss along a direction.
  private func slope(of data: LayerData, _ inputs: [Images], _ parameters: [[Double]], step: Double) -> Double {
    func loss(_ step: Double) -> Double {
      let movedInputs = zip(data.inputs, inputs).map { Oracle.add($0, $1.map { $0 * step }) }
      let movedParameters = zip(data.parameters, parameters).map { zip($0, $1).map { $0 + step * $1 } }
      return OracleLayer(data.test.layer).forward(movedInputs, parameters: movedParameters).dot(data.outputGradient)
    }
    return (loss(step) - loss(-step)) / (2 * step)
  }
}

extension LayerCase {
  /// Values of inputs and parameters.
  fileprivate var size: Int {
    images * inputs.reduce(0) { $0 + $1.shape.count } + layer.parameters(of: inputs).reduce(0) { $0 + $1.mapping.count }
  }
}
