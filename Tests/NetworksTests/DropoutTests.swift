import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Dropout draws by seed, layer, position and element alone")
struct DropoutTests {
  private let count = 48
  private let images = 200

  private func dropped(
    _ values: [Float], rate: Float, layer: UInt32 = 0, draw: RandomPosition
  ) -> [Float] {
    var output = [Float](repeating: .nan, count: values.count)
    Dropping(rate: rate, layer: layer).run(
      on: Processor(team: Team(size: 1)), source: values, output: &output,
      images: values.count / count, count: count, draw: draw, accumulate: false)
    return output
  }

  @Test(arguments: [0.2, 0.5, 0.7] as [Float])
  func keepsTheShareAndTheMean(_ rate: Float) {
    let output = dropped([Float](repeating: 1, count: images * count), rate: rate, draw: RandomPosition(seed: 1))
    let kept = output.filter { $0 != 0 }
    #expect(kept.allSatisfy { $0 == 1 / (1 - rate) })
    // 9600 draws: five standard deviations are below 0.026.
    #expect(abs(Float(kept.count) / Float(output.count) - (1 - rate)) < 0.026)
  }

  @Test func differsBetweenSeedsLayersAndPositions() {
    let ones = [Float](repeating: 1, count: images * count)
    let draw = RandomPosition(seed: 3, firstPosition: 0)
    let first = dropped(ones, rate: 0.5, draw: draw)
    #expect(dropped(ones, rate: 0.5, draw: RandomPosition(seed: 4)) != first)
    #expect(dropped(ones, rate: 0.5, layer: 1, draw: draw) != first)
    #expect(dropped(ones, rate: 0.5, draw: RandomPosition(seed: 3, firstPosition: 1)) != first)
  }

  /// The gradient passes where the value passed, scaled alike.
  @Test func backwardDropsTheSame() {
    let layer = Dropout(rate: 0.5, number: 2)
    let operation = layer.operation(on: [TensorType(Shape(channels: count))], images: images)
    let processor = Processor(team: Team(size: 1))
    let ones = Arena(count: images * count)
    let forward = Arena(count: images * count)
    let backward = Arena(count: images * count)
    ones.floats.update(repeating: 1, count: images * count)
    let draw = RandomPosition(seed: 9, firstPosition: 12)
    var memory = ForwardMemory(
      inputs: [UnsafePointer(ones.floats)], output: forward.floats, parameters: [], statistics: [], batchStatistics: [],
      saved: ones.floats, workspace: ones.floats, training: true)
    memory.random = draw
    operation.forward(memory, on: processor)
    var gradients = BackwardMemory(
      inputs: [UnsafePointer(ones.floats)], output: UnsafePointer(forward.floats), outputGradient: ones.floats,
      inputGradients: [InputGradient(floats: backward.floats, accumulate: false)], parameters: [],
      parameterGradients: [], statistics: [], saved: ones.floats, workspace: ones.floats)
    gradients.random = draw
    operation.backward(gradients, on: processor)
    #expect((0..<images * count).allSatisfy { forward.floats[$0] == backward.floats[$0] })
    #expect((0..<images * count).contains { forward.floats[$0] == 0 })
  }
}
