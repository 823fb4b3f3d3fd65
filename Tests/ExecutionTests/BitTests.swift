import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

@Suite("Same bits anywhere", .serialized)
struct BitTests {
  @Test(arguments: NetworkCase.small)
  func setsAndThreads(_ test: NetworkCase) {
    var first: Replica.Step?
    for kernels in KernelSet.supported {
      for threads in 1...3 {
        let step = Replica(test, on: Processor(kernels: kernels, team: Team(size: threads))).step()
        if let first { #expect(step == first, "\(kernels.name), \(threads) threads") }
        first = first ?? step
      }
    }
  }

  /// Nothing that an earlier step, or an earlier owner of the memory, left behind reaches a result.
  @Test(arguments: NetworkCase.all)
  func staleMemoryDoesNotMatter(_ test: NetworkCase) {
    let processor = Processor(team: Team(size: 2))
    let replica = Replica(test, on: processor)
    let first = replica.step()
    #expect(replica.step() == first)
    #expect(replica.step(poison: .nan) == first)
    #expect(Replica(test, on: processor).step(poison: 3e38) == first)
  }

  /// Two executors may share weights: evaluation between training steps changes nothing.
  @Test func executorsDoNotDisturbEachOther() {
    let test = NetworkCase("resnet20", images: 3, size: 12)
    let processor = Processor(team: Team(size: 2))
    let training = Replica(test, on: processor)
    let evaluation = Replica(test, mode: .evaluation, on: processor)
    let first = training.step()
    evaluation.forward()
    #expect(training.step() == first)
  }
}
