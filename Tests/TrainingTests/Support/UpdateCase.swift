import Configuration
import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Training
import Workers

/// A few steps of a small residual network's weights on random gradients, by `WeightUpdate` and by its reference.
struct UpdateCase {
  static let network: Network = {
    var options = ModelOptions(classes: 10)
    options.inputSize = 8
    return Network.cifarResNet(depth: 20, residual: true, options).fused()
  }()
  static let plan = Plan(network, images: 4, mode: .training)
  static let store = ParameterStore(plan, network)
  /// Of each step.
  static let rates = [0.02, 0.04, 0.04, 0.01]

  /// What an update leaves behind: arenas.
  struct Result: Equatable {
    var weights: [Float]
    var first: [Float]
    var second: [Float]
    var average: [Float]
  }

  var configuration = RunConfiguration()

  init(_ change: (inout RunConfiguration) -> Void) { change(&configuration) }

  /// Values of every parameter in the order of its file.
  private static func values(_ seed: UInt64, _ bound: Double) -> [[Double]] {
    var numbers = TestNumbers(seed: seed)
    // Tensors of different sizes of values, so that layers have different rates.
    return store.parameters.enumerated().map { place, tensor in
      numbers.array(tensor.count, -bound, bound).map { Double(Float($0 * (1 + 0.3 * Double(place % 4)))) }
    }
  }

  private static let start = values(1, 0.15)
  private static let gradients = rates.indices.map { values(2 + UInt64($0), 1) }

  private static func arena(_ values: [[Double]]) -> [Float] {
    var floats = [Float](repeating: 0, count: plan.parameterFloats)
    for (tensor, values) in zip(store.parameters, values) {
      floats.replaceSubrange(tensor.range, with: tensor.mapping.arenaValues(values))
    }
    return floats
  }

  /// The steps by the program, whose arena is owned in pieces that end at `cuts`.
  func run(cuts: [Int] = [], kernels: KernelSet = .fastest, threads: Int = 1) -> Result {
    let plan = Self.plan
    let count = plan.parameterFloats
    let processor = Processor(kernels: kernels, team: Team(size: threads))
    let weights = Arena(count: count)
    weights.floats.update(from: Self.arena(Self.start), count: count)
    let bounds = [0] + cuts + [count]
    let owned = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
    let update = WeightUpdate(configuration, plan, weights: weights.floats, owned: owned, on: processor)
    let statistics = Arena(count: plan.statisticFloats)
    update.average?.begin(weights.floats, statistics.floats)
    let gradient = Arena(count: count)
    for (step, rate) in Self.rates.enumerated() {
      gradient.floats.update(from: Self.arena(Self.gradients[step]), count: count)
      update.begin(step: step + 1, learningRate: rate, formerLearningRate: Self.rates[max(0, step - 1)])
      for range in owned { update.take(range, gradient.floats + range.lowerBound) }
      if WeightUpdate.isWhole(configuration) { update.whole { _ in } }
    }
    func copy(_ floats: UnsafePointer<Float>?) -> [Float] {
      floats.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
    }
    let hasSecond = configuration.optimizer.momentCount > 1
    return Result(
      weights: copy(weights.floats), first: copy(update.moments.first),
      second: hasSecond ? copy(update.moments.second) : [], average: copy(update.average?.weights.floats))
  }

  /// The steps in double precision.
  func reference() -> ReferenceUpdate {
    var reference = ReferenceUpdate(configuration, Self.plan, weights: Self.start)
    for (step, rate) in Self.rates.enumerated() {
      reference.step(
        step + 1, gradients: Self.gradients[step], rate: rate, formerRate: Self.rates[max(0, step - 1)])
    }
    return reference
  }

  /// A parameter's values of an arena, in the order of its file.
  static func values(of place: Int, in arena: [Float]) -> [Double] {
    let tensor = store.parameters[place]
    return tensor.mapping.valuesInFileOrder(Array(arena[tensor.range])).doubles
  }
}
