import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Branches are computed in their concatenation", .serialized)
struct JoiningTests {
  static let networks = [
    NetworkCase(.joining, images: 3),
    // Without the heads on the way, whose losses a replica does not have.
    NetworkCase(NetworkCase("googlenet-bn", images: 2, size: 64, classes: 5).network.forEvaluation(), images: 2),
  ]

  /// Bit for bit, in training and in evaluation.
  @Test(arguments: networks, [true, false])
  func likeCopies(_ test: NetworkCase, fused: Bool) {
    for kernels in KernelSet.supported {
      let processor = Processor(kernels: kernels, team: Team(size: 2))
      let joined = Replica(test, fused: fused, on: processor)
      let copied = Replica(test, fused: fused, joinsBranches: false, on: processor)
      let step = joined.step(poison: .nan)
      #expect(step == copied.step(poison: 3e38), "\(kernels.name)")
      #expect(joined.step(poison: 3e38) == step)
      #expect(joined.measured == copied.measured)
      #expect(joined.plan.parameters == copied.plan.parameters && joined.plan.statistics == copied.plan.statistics)

      let evaluations = [true, false].map {
        Replica(test, fused: fused, mode: .evaluation, joinsBranches: $0, on: processor)
      }
      let logits = evaluations.map { evaluation in
        evaluation.executor.overwriteActivations(with: .nan)
        evaluation.forward()
        return Array(
          UnsafeBufferPointer(
            start: evaluation.executor.logits, count: test.images * paddedToVector(evaluation.plan.classes)))
      }
      #expect(logits[0].bits == logits[1].bits, "\(kernels.name)")
      #expect(logits[0].allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: networks)
  func savesTraffic(_ test: NetworkCase) {
    let network = test.network.fused()
    let joined = Plan(network, images: test.images, mode: .training)
    let copied = Plan(network, images: test.images, mode: .training, joinsBranches: false)
    // Each branch would be read and written once in either direction.
    let branches = joined.steps.filter { $0.concatenation != nil }
    let floats = branches.reduce(0) { $0 + test.images * $1.shape.floats(in: .blocked) }
    let traffics = [joined, copied].map { Schedule($0).traffic }
    #expect(traffics[1].readBytes - traffics[0].readBytes == 4 * 2 * floats)
    #expect(traffics[1].writtenBytes - traffics[0].writtenBytes == 4 * 2 * floats)
  }

  /// A rectified convolution needs its output once more in backward: a copy would be there beside it.
  @Test func savesMemory() {
    var net = Network("fire", input: Shape(channels: 3, height: 16, width: 16))
    var x = net.relu(net.convolution(0, 32, kernel: 3, padding: 1, bias: true, name: "stem"))
    for module in 0..<3 {
      let narrow = net.relu(net.convolution(x, 32, kernel: 1, bias: true, name: "narrow\(module)"))
      let wide = net.relu(net.convolution(x, 32, kernel: 3, padding: 1, bias: true, name: "wide\(module)"))
      x = net.concatenate([narrow, wide], name: "both\(module)")
    }
    net.dense(net.globalAveragePool(x), 16, name: "logits")
    let network = net.fused()
    let floats = [true, false].map {
      Plan(network, images: 4, mode: .training, joinsBranches: $0).activationFloats
    }
    let concatenated = 4 * Shape(channels: 64, height: 16, width: 16).floats(in: .blocked)
    // The last concatenation is needed by no convolution, so that there only the branches are kept even with copies.
    #expect(floats[1] - floats[0] >= 2 * concatenated)
  }

  /// Every branch of GoogLeNet, which all end in batch norm.
  @Test func wholeGoogLeNet() {
    let plan = Plan(NetworkCase("googlenet-bn", images: 2).network.fused(), images: 2, mode: .training)
    let concatenations = plan.steps.filter { $0.kind == "concatenate" }
    #expect(concatenations.count == 9)
    for step in concatenations {
      let found = step.inputs.map { plan.steps[$0].concatenation.map { plan.steps[$0].name } }
      #expect(found == [step.name, step.name, step.name, step.name])
      #expect(step.forward.traffic.bytes == 0 && step.backward?.traffic.bytes == 0)
    }
  }

  /// What may be joined is, nothing else; and gradients are written over one another where only who knows of the gaps
  /// sees it.
  @Test func onlyWhatMayBe() throws {
    let plan = Plan(Network.joining.fused(), images: 3, mode: .training)
    let joined = plan.steps.filter { $0.concatenation != nil }.map(\.name)
    #expect(
      joined == [
        "directNorm", "winograd", "max", "average", "wideNorm", "narrow", "inner", "plainNorm", "sharedNorm",
        "summandNorm", "last",
      ])
    func step(_ name: String) throws -> PlannedStep { try #require(plan.steps.first { $0.name == name }) }
    // Of a norm's only input, and of a residual.
    for (norm, input) in [("directNorm", "direct"), ("wideNorm", "wide"), ("summandNorm", "residual")] {
      let (norm, input) = (try step(norm), try step(input))
      #expect(norm.gradient == input.gradient && norm.gradientGap == input.gradientGap)
      #expect(input.gradientGap > 0 && input.outputGap == 0)
    }
    // The poolings read the norm's input too; a rectifier does not know of gaps.
    #expect(try step("sharedNorm").inPlaceGradient == nil)
    #expect(try step("plainNorm").inPlaceGradient == nil)
    #expect(try step("shared").gradientGap == 0)
    // The concatenation as a whole is like any other tensor.
    #expect(try step("outer").gradient == step("outerNorm").gradient)
    #expect(plan.steps.filter { $0.kind == "concatenate" && $0.outputGap > 0 }.map(\.name) == ["inner"])
  }

  /// An output of the network is never a part of another tensor.
  @Test func outputsAreOnTheirOwn() {
    var net = Network("auxiliary", input: Shape(channels: 3, height: 1, width: 1))
    let a = net.convolution(0, 16, kernel: 1, name: "a")
    let b = net.convolution(0, 16, kernel: 1, name: "b")
    net.dense(net.concatenate([a, b], name: "both"), 16, name: "logits")
    #expect(Plan(net, images: 2, mode: .training).steps.prefix(2).map(\.concatenation) == [2, 2])
    net.output = a
    #expect(Plan(net, images: 2, mode: .training).steps.prefix(2).map(\.concatenation) == [nil, 2])
  }

  /// What is not finite is found in images with gaps between them, and only there.
  @Test func brokenBranchIsFound() throws {
    let test = NetworkCase(.joining, images: 3)
    let replica = Replica(test, mode: .evaluation, on: Processor(team: Team(size: 1)))
    let images = test.batch.packed(in: .interleaved)
    replica.executor.overwriteActivations(with: .nan)
    #expect(replica.executor.firstStepWithoutFiniteOutput(images: images) == nil)
    let bias = try #require(replica.store.parameters.first { $0.name == "winograd.bias" })
    replica.parameters.floats[bias.range.lowerBound + 3] = .infinity
    #expect(replica.executor.firstStepWithoutFiniteOutput(images: images)?.name == "winograd")
  }
}

extension Replica {
  /// The batch's statistics.
  fileprivate var measured: [UInt32] {
    Array(UnsafeBufferPointer(start: batchStatistics.floats, count: plan.statisticFloats)).bits
  }
}
