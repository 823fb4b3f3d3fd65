import Execution
import FoundationEssentials
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Plans", .serialized)
struct PlanTests {
  @Test(arguments: NetworkCase.all)
  func surviveCoding(_ test: NetworkCase) throws {
    let plan = Plan(test.network.fused(), images: test.images, mode: .training)
    let copy = try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan))
    #expect(copy == plan)
    #expect(Plan(test.network.fused(), images: test.images, mode: .training) == plan)
    #expect(Plan(test.network.fused(), images: test.images + 1, mode: .training) != plan)
  }

  @Test(arguments: ["lenet5", "resnet20"])
  func areAsReviewed(_ name: String) throws {
    let test = NetworkCase(name, images: 8)
    let text = Plan(test.network.fused(), images: 8, mode: .training).table
    #expect(try Golden.text("\(name)-plan.txt", updatingTo: text, beside: #filePath) == text)
  }

  /// Parameters tile the arena in forward order; backward completes it from its end to its start.
  @Test(arguments: NetworkCase.all)
  func backwardCompletesTheArenaFromItsEnd(_ test: NetworkCase) {
    let replica = Replica(test, on: Processor(team: Team(size: 1)))
    var end = 0
    for parameter in replica.plan.parameters {
      #expect(parameter.range.lowerBound == end && parameter.range.count % vectorWidth == 0)
      end = parameter.range.upperBound
    }
    #expect(end == replica.plan.parameterFloats)
    replica.step()
    let pattern = Float(bitPattern: GuardedFloats.pattern)
    replica.gradients.floats.update(repeating: pattern, count: replica.gradients.count)
    var boundaries: [Int] = []
    var early: [Float] = []
    let floats = replica.gradients.floats
    let step = replica.step { unfinished in
      let last = boundaries.last ?? replica.plan.parameterFloats
      early.insert(contentsOf: (unfinished..<max(last, unfinished)).map { floats[$0] }, at: 0)
      boundaries.append(unfinished)
    }
    #expect(boundaries.last == 0)
    #expect(zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 > $1 })
    // What was called final was final, and everything was written.
    #expect(early.bits == step.gradients.bits)
    #expect(!step.gradients.bits.contains(GuardedFloats.pattern))
  }

  @Test(arguments: NetworkCase.all)
  func fusionIsComplete(_ test: NetworkCase) {
    let fused = test.network.fused()
    #expect(Plan(fused.fused(), images: 2, mode: .training) == Plan(fused, images: 2, mode: .training))
  }

  @Test func evaluationNeedsLessMemory() {
    let test = NetworkCase("resnet20", images: 4)
    let training = Plan(test.network.fused(), images: 4, mode: .training)
    let evaluation = Plan(test.network.fused(), images: 4, mode: .evaluation)
    #expect(evaluation.activationFloats < training.activationFloats / 4)
    #expect(evaluation.parameters == training.parameters)
    #expect(evaluation.statistics == training.statistics)
  }

  @Test(arguments: NetworkCase.all)
  func countWhatTheNetworkCounts(_ test: NetworkCase) {
    let plan = Plan(test.network.fused(), images: test.images, mode: .training)
    #expect(plan.steps.reduce(0) { $0 + $1.multiplyAdds } == test.network.multiplyAdds)
    #expect(plan.parameters.reduce(0) { $0 + $1.count } == test.network.parameterCount)
  }

  @Test func brokenStepIsFound() throws {
    let test = NetworkCase("lenet5", images: 2)
    let replica = Replica(test, mode: .evaluation, on: Processor(team: Team(size: 1)))
    let images = test.batch.packed(in: .interleaved)
    #expect(replica.executor.firstStepWithoutFiniteOutput(images: images) == nil)
    let weight = try #require(replica.store.parameters.first { $0.name == "fc2.weight" })
    replica.parameters.floats[weight.range.lowerBound] = .infinity
    #expect(replica.executor.firstStepWithoutFiniteOutput(images: images)?.name == "fc2")
  }
}

extension Plan {
  /// One line for every step and parameter.
  fileprivate var table: String {
    var lines = [
      "\(network), \(images) images, \(mode.rawValue): \(activationFloats) activation floats, "
        + "\(parameterFloats) parameter floats, \(statisticFloats) statistic floats"
    ]
    for (index, step) in steps.enumerated() {
      let inputs = zip(step.inputs, step.accumulates).map { "\($0 < 0 ? "images" : "\($0)")\($1 ? "+" : "")" }
      lines.append(
        "\(index) \(step.name) [\(step.kind)] \(inputs.joined(separator: ", ")) → \(step.shape) at \(step.output), "
          + "gradient \(step.gradient), saved \(step.saved), workspace \(step.forwardWorkspace) "
          + "\(step.backwardWorkspace), \(step.multiplyAdds) multiply-adds")
    }
    lines += parameters.map { "\($0.name) \($0.role.rawValue) \($0.shape) at \($0.range)" }
    lines += statistics.map { "\($0.name) \($0.channels) at \($0.range)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
