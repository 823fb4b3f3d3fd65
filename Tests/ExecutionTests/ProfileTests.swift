import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Profiles", .serialized)
struct ProfileTests {
  @Test(arguments: [NetworkCase("lenet5", images: 3), NetworkCase(.branching, images: 2)])
  func tileTheSteps(_ test: NetworkCase) {
    let replica = Replica(test, on: Processor(team: Team(size: 2)))
    let schedule = Schedule(replica.plan)
    let profile = ExecutionProfile(schedule, keepingBoundaries: true)
    let plain = Self.gradients(replica)
    replica.executor.profile = profile
    // Two complete steps, and between them one that its optimizer never ends.
    #expect(Self.gradients(replica).bits == plain.bits)
    profile.end(replica.plan.optimizerMoment)
    #expect(Self.gradients(replica).bits == plain.bits)
    #expect(profile.steps == 1)
    #expect(Self.gradients(replica).bits == plain.bits)
    profile.end(replica.plan.optimizerMoment)

    #expect(profile.steps == 2 && profile.boundaries.count == 2)
    var sums = [Duration](repeating: .zero, count: schedule.passes.count)
    var end = profile.boundaries[0][0]
    for boundaries in profile.boundaries {
      #expect(boundaries.count == schedule.passes.count + 1)
      #expect(boundaries[0] >= end)
      for pass in sums.indices {
        #expect(boundaries[pass] <= boundaries[pass + 1])
        sums[pass] += boundaries[pass + 1] - boundaries[pass]
      }
      end = boundaries[boundaries.count - 1]
    }
    #expect(profile.sums == sums)
    #expect(sums.contains { $0 > .zero })
  }

  @Test func evaluationHasForwardAlone() {
    let replica = Replica(NetworkCase("lenet5", images: 3), mode: .evaluation, on: Processor(team: Team(size: 1)))
    let profile = ExecutionProfile(Schedule(replica.plan))
    replica.executor.profile = profile
    for _ in 0..<3 { replica.forward() }
    #expect(profile.steps == 3 && profile.sums.count == replica.plan.steps.count && profile.boundaries.isEmpty)
  }

  /// One pass of a leaf.
  private static func gradients(_ replica: Replica) -> [Float] {
    let plan = replica.plan
    let buffer = GuardedFloats(count: plan.parameterFloats + plan.measureFloats)
    let images = GuardedFloats(replica.test.batch.packed(in: .interleaved))
    let isFinite = LeafPass(replica.executor).run(
      images: images.constant, labels: replica.test.labels.map(Int32.init), globalBatch: plan.images,
      into: buffer.floats
    ) { _ in }
    #expect(isFinite)
    return Array(buffer.values.prefix(plan.parameterFloats))
  }
}
