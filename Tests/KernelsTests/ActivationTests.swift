import Glibc
import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Sigmoids are within their stated errors", .serialized)
  struct Activations {
    /// All magnitudes and signs: steps of 1/500 through the middle, powers of two beyond it.
    static let arguments: [Float] = {
      var arguments: [Float] = (-10_000...10_000).map { Float($0) / 500 }
      for exponent in -30...6 {
        for k in 0..<64 {
          let x = Float(sign: .plus, exponent: exponent, significand: 1 + Float(k) / 64)
          arguments += [x, -x]
        }
      }
      return arguments + [Float](repeating: 0, count: (16 - arguments.count % 16) % 16)
    }()

    /// |a − b| in units of the last place of b, a normal number; as doubles, since denormal floats are flushed.
    private func units(_ a: Float, _ exact: Double) -> Double {
      guard exact != 0 else { return a == 0 ? 0 : .infinity }
      return abs(Double(a) - exact) / Double(sign: .plus, exponent: exact.exponent - 23, significand: 1)
    }

    @Test func tangent() {
      let count = Self.arguments.count
      let run = runEverywhere(teams: [1, 2]) { processor, memory in
        let x = memory.input(Self.arguments)
        processor.hyperbolicTangent(x, amplitude: 1, slope: 1, into: memory.output(count), count: count)
        processor.hyperbolicTangent(x, amplitude: 1.7159, slope: 2 / 3, into: memory.output(count), count: count)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      for (i, x) in Self.arguments.enumerated() {
        #expect(units(run.results[0][i], tanh(Double(x))) <= 2, "tanh \(x)")
        let scaled = Double(Float(1.7159)) * tanh(Double(Float(2) / 3) * Double(x))
        #expect(abs(Double(run.results[1][i]) - scaled) <= 4e-7 * abs(scaled), "scaled tanh \(x)")
      }
    }

    @Test func logistic() {
      let count = Self.arguments.count
      let run = runEverywhere(teams: [1, 2]) { processor, memory in
        processor.sigmoid(
          memory.input(Self.arguments), into: memory.output(count), images: 1, shape: Shape(channels: count))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      for (i, x) in Self.arguments.enumerated() {
        #expect(units(run.results[0][i], 1 / (1 + exp(-max(-87, Double(x))))) <= 3, "sigmoid \(x)")
      }
    }

    /// A broken run must not look sound, and infinity is the end of the range.
    @Test func extremes() {
      let shape = Shape(channels: 5)
      let values: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38] + [Float](repeating: 0, count: 11)
      let run = runEverywhere { processor, memory in
        let x = memory.input(values)
        processor.hyperbolicTangent(x, amplitude: 1, slope: 1, into: memory.output(16), count: 16)
        processor.sigmoid(x, into: memory.output(16), images: 1, shape: shape)
      }
      for result in run.results { #expect(result[0].isNaN) }
      #expect(run.results[0][1...4] == [1, -1, 1, -1])
      #expect(run.results[1][1] == 1 && run.results[1][3] == 1)
      #expect(run.results[1][2] < 2e-38 && run.results[1][4] < 2e-38)
      #expect(run.results[1][5...].allSatisfy { $0 == 0 })
    }
  }

  @Suite("Normalization across maps has the published constants", .serialized)
  struct ChannelNorms {
    /// By hand: maps 1, 2, 3 and a window of three. Sums of squares 5, 14, 13; deviations from the means 1.5, 2, 2.5
    /// give 0.5, 2, 0.5.
    @Test(arguments: [
      (ChannelNormalization.Addend.squares, [5.0, 14, 13]), (.squaredDeviations, [0.5, 2, 0.5]),
    ])
    func threeMaps(addend: ChannelNormalization.Addend, sums: [Double]) {
      let pass = ChannelNormalization(
        of: addend, images: 1, shape: Shape(channels: 3), reach: 1, bias: 2, alpha: 0.25, beta: 0.75)
      let run = runEverywhere(scratchFloats: pass.scratchFloats) { processor, memory in
        let source = memory.input([1, 2, 3] as [Double], paddedTo: 16)
        pass.forward(on: processor, source: source, output: memory.output(16))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      for (c, sum) in sums.enumerated() {
        let exact = Double(c + 1) / pow(2 + 0.25 * sum, 0.75)
        #expect(abs(Double(run.results[0][c]) - exact) < 3e-7 * exact)
      }
      #expect(run.results[0][3...].allSatisfy { $0 == 0 })
    }
  }
}
