import Kernels
import TestSupport
import Testing

extension KernelTests {
  @Suite("Momentum matches PyTorch's SGD", .serialized)
  struct Momentum {
    @Test(arguments: [16, 4096, 8208], [true, false])
    func threeSteps(_ count: Int, nesterov: Bool) {
      var numbers = TestNumbers(seed: 12)
      let start = numbers.array(count)
      let gradients = (0..<3).map { _ in numbers.array(count) }
      let step = MomentumStep(learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4, nesterov: nesterov)
      let run = runEverywhere { processor, memory in
        let weights = memory.output(start.floats)
        let velocity = memory.output([Float](repeating: 0, count: count))
        for gradient in gradients {
          step.run(
            on: processor, weights: weights, gradient: memory.input(gradient.floats), velocity: velocity, count: count)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      var weights = start
      var velocity = [Double](repeating: 0, count: count)
      for gradient in gradients {
        Oracle.momentumStep(
          weights: &weights, velocity: &velocity, gradient: gradient, rate: 0.1, momentum: 0.9, decay: 5e-4,
          nesterov: nesterov)
      }
      #expect(relativeError(run.results[0].doubles, weights) < 3e-7)
      #expect(relativeError(run.results[1].doubles, velocity) < 3e-7)
    }
  }
}
