import CAllocations
import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

/// Allocations are counted on the thread that steps; workers run the same code as it does.
@Suite("A training step allocates nothing", .serialized)
struct AllocationTests {
  #if DEBUG
    private static let isOptimized = false
  #else
    private static let isOptimized = true
  #endif

  @Test(
    .enabled(if: isOptimized, "Only the optimizer removes the closures' and iterators' allocations."),
    arguments: NetworkCase.all, [1, 2])
  func afterTheFirstSteps(_ test: NetworkCase, threads: Int) {
    let processor = Processor(team: Team(size: threads))
    let replica = Replica(test, on: processor)
    let images = GuardedFloats(test.batch.packed(in: .interleaved))
    let labels = test.labels.map(Int32.init)
    let losses = GuardedFloats(count: test.images)
    let ranks = UnsafeMutablePointer<Int32>.allocate(capacity: test.images)
    defer { ranks.deallocate() }
    let loss = LossFunction.crossEntropy(smoothing: 0)
    let momentum = MomentumStep(learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, nesterov: true)
    let velocity = Arena(count: replica.plan.parameterFloats)
    var unfinished = 0
    func step() {
      replica.executor.forward(images: images.constant, batchStatistics: replica.batchStatistics.floats)
      labels.withUnsafeBufferPointer {
        guard let labels = $0.baseAddress else { return }
        loss.run(
          on: processor, images: test.images, classes: replica.plan.classes, logits: replica.executor.logits,
          labels: labels, losses: losses.floats, ranks: ranks, gradient: replica.executor.logitsGradient,
          gradientScale: 1)
      }
      replica.executor.backward(gradients: replica.gradients.floats) { unfinished = $0 }
      momentum.run(
        on: processor, weights: replica.parameters.floats, gradient: UnsafePointer(replica.gradients.floats),
        velocity: velocity.floats, count: replica.plan.parameterFloats)
    }
    for _ in 0..<3 { step() }
    let before = callocations_of_this_thread()
    for _ in 0..<5 { step() }
    let allocations = callocations_of_this_thread() - before
    #expect(allocations == 0)
    #expect(unfinished == 0)
  }

  /// The counter counts: what the test above relies on.
  @Test func theCounterSeesAllocations() {
    let before = callocations_of_this_thread()
    let arena = Arena(count: 16)
    var array = [Int](repeating: 1, count: 3)
    array.append(contentsOf: 0..<1000)
    #expect(callocations_of_this_thread() - before >= 3)
    #expect(arena.count == 16 && array.count == 1003)
  }
}
