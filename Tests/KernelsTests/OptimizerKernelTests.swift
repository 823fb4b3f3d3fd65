import Kernels
import TestSupport
import Testing

extension KernelTests {
  /// Whole rules are tested where they are put together, in TrainingTests; here every instruction set, odd sizes, and
  /// what is written.
  @Suite("Kernels of optimizers", .serialized)
  struct OptimizerKernels {
    @Test(arguments: [16, 4096, 8208], [true, false])
    func adam(_ count: Int, writesDirection: Bool) {
      var numbers = TestNumbers(seed: 31)
      let start = numbers.array(count)
      let gradients = (0..<3).map { _ in numbers.array(count) }
      let run = runEverywhere { processor, memory in
        let weights = memory.output(start.floats)
        let first = memory.output([Float](repeating: 0, count: count))
        let second = memory.output([Float](repeating: 0, count: count))
        let direction = writesDirection ? memory.output(count) : nil
        var step = AdamStep(beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.02)
        step.learningRate = 0.1
        step.taming = GradientTaming(scale: 0.5, limit: 0.3)
        for (number, gradient) in gradients.enumerated() {
          step.correct(by: [0.1, 0.19, 0.271][number], [0.01, 0.0199, 0.029701][number])
          step.run(
            on: processor, weights: weights, gradient: memory.input(gradient.floats), first: first, second: second,
            direction: direction, count: count)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      var weights = start
      var direction = start
      for i in 0..<count {
        var (m, v, power1, power2) = (0.0, 0.0, 1.0, 1.0)
        for gradient in gradients {
          let g = max(-0.3, min(0.3, 0.5 * gradient[i]))
          m = 0.9 * m + 0.1 * g
          v = 0.99 * v + 0.01 * g * g
          power1 *= 0.9
          power2 *= 0.99
          direction[i] = m / (1 - power1) / ((v / (1 - power2)).squareRoot() + 1e-3) + 0.02 * weights[i]
          if !writesDirection { weights[i] -= 0.1 * direction[i] }
        }
      }
      #expect(relativeError(run.results[0].doubles, weights) < 1e-6)
      if writesDirection { #expect(relativeError(run.results[3].doubles, direction) < 1e-6) }
    }

    /// A gradient that is no number stays none, for the checks behind the step to see.
    @Test func tamingKeepsNaN() {
      let run = runEverywhere { processor, memory in
        var step = MomentumStep(learningRate: 1, momentum: 0, weightDecay: 0, nesterov: false)
        step.taming = GradientTaming(scale: 2, limit: 3)
        let gradient: [Float] = [.nan, .infinity, -.infinity, 1, 2, -2, -0.0] + [Float](repeating: 0, count: 9)
        step.run(
          on: processor, weights: memory.output([Float](repeating: 0, count: 16)), gradient: memory.input(gradient),
          velocity: memory.output([Float](repeating: 0, count: 16)), count: 16)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      #expect(run.results[0][0].isNaN)
      #expect(run.results[1][1..<7] == [3, -3, 2, 3, -3, 0])
    }

    /// Pieces in any order of size; magnitudes whose squares a float could not hold.
    @Test(arguments: [true, false]) func squaredSums(byLane: Bool) {
      var numbers = TestNumbers(seed: 32)
      let ranges = [0..<16, 16..<4112, 4112..<4160, 4160..<20544]
      let values = (0..<20544).map { _ in Double(Float(numbers.next() * (numbers.next() > 0 ? 1e25 : 1e-25))) }
      let lanes = byLane ? 16 : 1
      let pieces = ArenaPieces(ranges)
      let run = runEverywhere { processor, memory in
        let sums = UnsafeMutableRawPointer(memory.output(2 * lanes * ranges.count)).assumingMemoryBound(to: Double.self)
        let arena = memory.input(values.floats)
        // In two calls, of which neither may touch the other's places.
        processor.squaredSums(of: arena, pieces, 1..<4, byLane: byLane, limit: 1e24, into: sums)
        processor.squaredSums(of: arena, pieces, 0..<1, byLane: byLane, limit: 1e24, into: sums)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let sums = run.results[0].withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
      let limit = Double(Float(1e24))
      for (place, range) in ranges.enumerated() {
        for lane in 0..<lanes {
          let exact = range.filter { $0 % lanes == lane }.reduce(0.0) {
            let x = max(-limit, min(limit, values[$1]))
            return $0 + x * x
          }
          #expect(abs(sums[place * lanes + lane] - exact) <= 1e-13 * exact)
        }
      }
    }

    @Test func filtersAreScaledByLane() {
      var numbers = TestNumbers(seed: 33)
      let values = numbers.array(96)
      let scales: [Float] = (0..<16).map { $0 == 3 ? 0.5 : 1 } + [Float](repeating: 1, count: 16)
      let pieces = ArenaPieces([0..<32, 32..<48, 48..<96])
      let run = runEverywhere { processor, memory in
        processor.scaleFilters(
          of: memory.output(values.floats), pieces, 0..<3, blocks: memory.input([0, 1, 0] as [Int32]),
          by: memory.input(scales))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = values.indices.map { $0 % 16 == 3 && !(32..<48).contains($0) ? values[$0] / 2 : values[$0] }
      #expect(run.results[0] == expected.floats)
    }

    @Test(arguments: [16, 4112]) func blends(_ count: Int) {
      var numbers = TestNumbers(seed: 34)
      let (source, target) = (numbers.array(count), numbers.array(count))
      let run = runEverywhere { processor, memory in
        let input = memory.input(source.floats)
        processor.add(-0.25, times: input, to: memory.output(target.floats), count: count)
        processor.move(memory.output(target.floats), by: 0.125, towards: input, count: count)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      #expect(relativeError(run.results[0].doubles, zip(target, source).map { $0 - 0.25 * $1 }) < 1e-7)
      #expect(relativeError(run.results[1].doubles, zip(target, source).map { 0.875 * $0 + 0.125 * $1 }) < 1e-7)
    }
  }
}
