import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Normal numbers", .serialized)
  struct NormalNumbers {
    private func numbers(_ count: Int, seed: UInt64 = 1, stream: UInt32 = 0, deviation: Float = 1) -> [Float] {
      let run = runEverywhere { processor, memory in
        processor.fillNormal(
          memory.output(count), count: count, deviation: deviation, seed: seed, purpose: .test, stream: stream)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      return run.results[0]
    }

    @Test func moments() {
      let values = numbers(200_003, deviation: 2).doubles.map { $0 / 2 }
      func moment(_ power: Int) -> Double {
        values.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / Double(values.count)
      }
      // Five standard errors of each moment of N(0, 1).
      let error = 5 / Double(values.count).squareRoot()
      #expect(abs(moment(1)) < error)
      #expect(abs(moment(2) - 1) < error * 2.0.squareRoot())
      #expect(abs(moment(3)) < error * 15.0.squareRoot())
      #expect(abs(moment(4) - 3) < error * 96.0.squareRoot())
      let withinOne = Double(values.filter { abs($0) < 1 }.count) / Double(values.count)
      #expect(abs(withinOne - 0.682689) < error / 2)
      let neighbours = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(values.count)
      #expect(abs(neighbours) < error)
    }

    /// Element i depends on i alone, so a shorter fill is the beginning of a longer one.
    @Test(arguments: [1, 2, 3, 5, 4095, 4096, 4097, 8193])
    func anyCutGivesTheSameNumbers(_ count: Int) {
      #expect(numbers(count).bits == Array(numbers(9000).bits.prefix(count)))
    }

    @Test(arguments: [0..<64, 1..<2, 3..<70, 60..<64, 63..<200, 4095..<4161])
    func anyPieceIsWrittenAlone(_ elements: Range<Int>) {
      let run = runEverywhere { processor, memory in
        processor.writeNormal(
          memory.output(elements.count), elements: elements, deviation: 1, seed: 1, purpose: .test, stream: 0)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      #expect(run.results[0].bits == Array(numbers(9000).bits[elements]))
    }

    @Test func streamsDiffer() {
      let first = numbers(64)
      #expect(first != numbers(64, seed: 2))
      #expect(first != numbers(64, stream: 1))
    }

    /// Box and Muller's formula on the words of the Swift generator, with libm.
    @Test func followFromPhilox() {
      let values = numbers(400, seed: 77, stream: 5)
      let generator = Philox(seed: 77, purpose: .test)
      for block in 0..<100 {
        let words = generator(SIMD4(UInt32(block), 0, 5, 0))
        for pair in 0..<2 {
          let expected = boxMuller(words[2 * pair], words[2 * pair + 1])
          #expect(abs(Double(values[4 * block + 2 * pair]) - expected.0) < 1e-6)
          #expect(abs(Double(values[4 * block + 2 * pair + 1]) - expected.1) < 1e-6)
        }
      }
    }
  }
}
