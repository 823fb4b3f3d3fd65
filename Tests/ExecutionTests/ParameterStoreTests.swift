import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("First values of parameters", .serialized)
struct ParameterStoreTests {
  private func initialized(_ network: Network, seed: UInt64, threads: Int = 1) -> (ParameterStore, [Float], [Float]) {
    let plan = Plan(network, images: 1, mode: .training)
    let store = ParameterStore(plan, network)
    let parameters = Arena(count: plan.parameterFloats)
    let statistics = Arena(count: plan.statisticFloats)
    store.initialize(
      parameters: parameters.floats, statistics: statistics.floats, seed: seed, on: Processor(team: Team(size: threads))
    )
    return (
      store, Array(UnsafeBufferPointer(start: parameters.floats, count: plan.parameterFloats)),
      Array(UnsafeBufferPointer(start: statistics.floats, count: plan.statisticFloats))
    )
  }

  @Test func areAFunctionOfTheSeed() {
    let network = Network.cifarResNet(depth: 20, residual: true, ModelOptions()).fused()
    let (store, first, statistics) = initialized(network, seed: 1)
    #expect(first.bits == initialized(network, seed: 1, threads: 3).1.bits)
    #expect(first.bits != initialized(network, seed: 2).1.bits)
    for tensor in store.parameters {
      let values = Array(first[tensor.range])
      #expect(tensor.mapping.paddingIsZero(values), "\(tensor.name)")
      let inFile = tensor.mapping.valuesInFileOrder(values).doubles
      if tensor.shape.count == 4 {
        // He et al. 2015: N(0, 2/fanIn), within five standard errors.
        let deviation = (2 / Double(tensor.shape.dropFirst().reduce(1, *))).squareRoot()
        let count = Double(inFile.count)
        #expect(abs(inFile.norm / count.squareRoot() / deviation - 1) < 5 / (2 * count).squareRoot(), "\(tensor.name)")
        #expect(abs(inFile.reduce(0, +) / count) < 5 * deviation / count.squareRoot(), "\(tensor.name)")
      } else if tensor.name.contains("bn") {
        #expect(inFile.allSatisfy { $0 == (tensor.name.hasSuffix("weight") ? 1 : 0) }, "\(tensor.name)")
      }
    }
    for tensor in store.statistics {
      let expected: Float = tensor.name.hasSuffix("running_var") ? 1 : 0
      #expect(statistics[tensor.range].prefix(tensor.count).allSatisfy { $0 == expected }, "\(tensor.name)")
    }
  }

  /// Large tensors are written in pieces: the numbers are those of one stream.
  @Test func piecesFollowOneStream() throws {
    var network = Network("sample", input: Shape(channels: 3, height: 32, width: 32))
    network.dense(0, 100, name: "fc")
    let (store, values, _) = initialized(network, seed: 6, threads: 2)
    let index = try #require(store.parameters.firstIndex { $0.name == "fc.weight" })
    let weight = store.parameters[index]
    #expect(weight.count > 1 << 17, "the tensor must have several pieces")
    let inFile = weight.mapping.valuesInFileOrder(Array(values[weight.range]))
    var stream = RandomStream(seed: 6, purpose: .initialization, sample: UInt64(index))
    let drawn = (0..<weight.count).map { _ in Float(stream.uniform(-1, 1)) }
    let bound = inFile[0] / drawn[0]
    #expect(zip(inFile, drawn).allSatisfy { abs($0 - $1 * bound) <= abs($0) * 1e-6 })
  }

  @Test func uniformValuesFillTheirBound() throws {
    let (store, values, _) = initialized(Network.leNet5(ModelOptions()).fused(), seed: 3)
    let weight = try #require(store.parameters.first { $0.name == "fc1.weight" })
    let inFile = weight.mapping.valuesInFileOrder(Array(values[weight.range])).doubles
    #expect(weight.shape == [120, 400])
    let bound = 1 / 400.0.squareRoot()
    let greatest = inFile.map(abs).max() ?? 0
    #expect(greatest <= bound && greatest > 0.999 * bound)
  }

  /// LeCun et al. 1998, appendix A: each map's bound is that of its own fan-in.
  @Test func partialConvolutionsBeginByTheirFanIn() throws {
    let (store, values, _) = initialized(Network.leNet5Of1998(ModelOptions()), seed: 4)
    let weight = try #require(store.parameters.first { $0.name == "c3.weight" })
    #expect(weight.shape == [60, 5, 5] && weight.mapping.paddingIsZero(Array(values[weight.range])))
    let inFile = weight.mapping.valuesInFileOrder(Array(values[weight.range])).doubles.map(abs)
    for (rows, fanIn) in [(0..<18, 75.0), (18..<54, 100), (54..<60, 150)] {
      let greatest = inFile[rows.lowerBound * 25..<rows.upperBound * 25].max() ?? 0
      #expect(greatest <= 2.4 / fanIn * 1.000001 && greatest > 0.95 * 2.4 / fanIn)
    }
    let bias = try #require(store.parameters.first { $0.name == "c3.bias" })
    #expect(values[bias.range].prefix(16).allSatisfy { abs($0) <= 2.4 / 75 && $0 != 0 })
  }
}
