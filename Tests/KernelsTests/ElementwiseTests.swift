import Kernels
import TestSupport
import Testing

extension KernelTests {
  @Suite("Operations element by element are exact", .serialized)
  struct Elementwise {
    /// Whole vectors; around the range of a task.
    static let counts = [16, 48, 4080, 4096, 4112, 12_304]

    /// Numbers with zeros of both signs among them.
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
      var numbers = TestNumbers(seed: seed)
      return (0..<count).map { i in i % 7 == 0 ? 0 : i % 11 == 0 ? -0.0 : Float(numbers.next()) }
    }

    @Test(arguments: counts)
    func allOfThem(_ count: Int) {
      let a = Self.numbers(count, seed: 1)
      let b = Self.numbers(count, seed: 2)
      let start = Self.numbers(count, seed: 3)
      let run = runEverywhere { processor, memory in
        let (x, y) = (memory.input(a), memory.input(b))
        processor.rectify(x, into: memory.output(count), count: count)
        processor.add(x, y, rectify: false, into: memory.output(count), count: count)
        processor.add(x, y, rectify: true, into: memory.output(count), count: count)
        processor.copy(x, into: memory.output(count), count: count, accumulate: false)
        processor.copy(x, into: memory.output(start), count: count, accumulate: true)
        processor.rectifyGradient(
          output: x, outputGradient: y, into: memory.output(count), count: count, accumulate: false)
        processor.rectifyGradient(
          output: x, outputGradient: y, into: memory.output(start), count: count, accumulate: true)
        // In place, as the fused layers use it.
        let inPlace = memory.output(b)
        processor.rectifyGradient(output: x, outputGradient: inPlace, into: inPlace, count: count, accumulate: false)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let masked = zip(a, b).map { $0 > 0 ? $1 : 0 }
      let expected: [[Float]] = [
        a.map { $0 > 0 ? $0 : 0 }, zip(a, b).map { $0 + $1 }, zip(a, b).map { max(0, $0 + $1) }, a,
        zip(a, start).map { $0 + $1 }, masked, zip(masked, start).map { $0 + $1 }, masked,
      ]
      for (result, expected) in zip(run.results, expected) { #expect(result == expected) }
    }

    /// Rows of one tensor among those of another: what lies between them stays.
    @Test(arguments: counts, [(0, 16), (48, 0), (4096, 32)])
    func rows(_ count: Int, gaps: (output: Int, gradient: Int)) {
      let rows = 3
      func spread(_ floats: [Float], gap: Int) -> [Float] {
        let filling = [Float](repeating: 7, count: gap)
        let parts = (0..<rows).map { floats[$0 * count..<($0 + 1) * count] }
        return Array(parts.joined(separator: filling))
      }
      let a = Self.numbers(rows * count, seed: 1)
      let b = Self.numbers(rows * count, seed: 2)
      let start = Self.numbers(rows * count, seed: 3)
      let run = runEverywhere { processor, memory in
        let x = memory.input(spread(a, gap: gaps.output))
        let inPlace = memory.output(spread(b, gap: gaps.gradient))
        processor.rectifyGradient(
          output: x, outputGap: gaps.output, outputGradient: inPlace, into: inPlace, gradientGap: gaps.gradient,
          rows: rows, count: count, accumulate: false)
        for accumulate in [false, true] {
          processor.copyRows(
            x, stride: count + gaps.output, into: memory.output(spread(start, gap: gaps.gradient)),
            stride: count + gaps.gradient, rows: rows, count: count, accumulate: accumulate)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let masked: [Float] = zip(a, b).map { $0 > 0 ? $1 : 0 }
      let added: [Float] = zip(a, start).map { $0 + $1 }
      let expected = [masked, a, added]
      for (result, expected) in zip(run.results, expected) { #expect(result == spread(expected, gap: gaps.gradient)) }
    }

    /// A rectifier that turned NaN into 0 would hide a broken run.
    @Test func rectifierKeepsNaN() {
      var a = [Float](repeating: -1, count: 16)
      a[3] = .nan
      a[5] = .infinity
      let run = runEverywhere { processor, memory in
        let x = memory.input(a)
        processor.rectify(x, into: memory.output(16), count: 16)
        processor.add(x, x, rectify: true, into: memory.output(16), count: 16)
      }
      for result in run.results {
        #expect(result[3].isNaN)
        #expect(result[5] == .infinity)
        #expect(result[0] == 0)
      }
    }

    /// Denormals are zeros of their sign wherever something is computed, and pass where numbers are only moved.
    @Test func denormalsAreZeros() {
      let values: [Float] = [0x1p-127, -0x1p-127, .leastNonzeroMagnitude, -.leastNonzeroMagnitude]
      let a = (0..<4).flatMap { _ in values }
      let run = runEverywhere { processor, memory in
        let x = memory.input(a)
        processor.rectify(x, into: memory.output(16), count: 16)
        processor.add(x, x, rectify: false, into: memory.output(16), count: 16)
        processor.add(x, x, rectify: true, into: memory.output(16), count: 16)
        processor.rectifyGradient(output: x, outputGradient: x, into: memory.output(16), count: 16, accumulate: false)
        processor.copy(x, into: memory.output(16), count: 16, accumulate: false)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let zeros: [UInt32] = a.map { $0.sign == .minus ? 0x8000_0000 : 0 }
      #expect(run.results.prefix(3).map(\.bits) == [zeros, zeros, zeros])
      #expect(run.results[3].bits == [UInt32](repeating: 0, count: 16))
      #expect(run.results[4].bits == a.bits)
    }
  }
}
