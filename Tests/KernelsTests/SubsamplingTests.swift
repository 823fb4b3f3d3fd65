import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Subsampling moves values exactly", .serialized)
  struct Subsamplings {
    struct Case: CustomTestStringConvertible {
      var source: Shape
      var channels: Int
      var stride: Extent
      var testDescription: String { "\(source) → \(channels), stride \(stride)" }
    }

    static let cases: [Case] = [
      Case(source: Shape(channels: 16, height: 32, width: 32), channels: 32, stride: Extent(2)),
      Case(source: Shape(channels: 32, height: 7, width: 9), channels: 64, stride: Extent(2)),
      Case(source: Shape(channels: 3, height: 5, width: 4), channels: 10, stride: Extent(2)),
      Case(source: Shape(channels: 17, height: 4, width: 5), channels: 50, stride: Extent(3)),
      Case(source: Shape(channels: 20, height: 3, width: 3), channels: 33, stride: Extent(1)),
      Case(source: Shape(channels: 20, height: 6, width: 7), channels: 20, stride: Extent(rows: 2, columns: 3)),
      Case(source: Shape(channels: 10, height: 1, width: 1), channels: 17, stride: Extent(2)),
    ]

    @Test(arguments: cases)
    func bothPasses(_ test: Case) {
      var numbers = TestNumbers(seed: 9)
      let source = numbers.images(3, test.source)
      let expected = Oracle.subsample(source, channels: test.channels, stride: test.stride)
      let outputGradient = numbers.images(3, expected.shape)
      let start = numbers.images(3, test.source)
      let pass = Subsampling(images: 3, source: test.source, output: expected.shape, stride: test.stride)
      let run = runEverywhere { processor, memory in
        pass.forward(
          on: processor, source: memory.input(source.packed(in: .blocked)),
          output: memory.output(3 * expected.shape.floats(in: .blocked)))
        let gradient = memory.input(outputGradient.packed(in: .blocked))
        pass.backward(
          on: processor, outputGradient: gradient,
          sourceGradient: memory.output(3 * test.source.floats(in: .blocked)), accumulate: false)
        pass.backward(
          on: processor, outputGradient: gradient, sourceGradient: memory.output(start.packed(in: .blocked)),
          accumulate: true)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let gradient = Oracle.subsampleGradient(source, outputGradient: outputGradient, stride: test.stride)
      let isExact = run.results[0] == expected.packed(in: .blocked) && run.results[1] == gradient.packed(in: .blocked)
      #expect(isExact)
      let sum = Images(count: 3, shape: test.source, layout: .blocked, floats: run.results[2])
      #expect(relativeError(sum.values, Oracle.add(gradient, start).values) < 1e-6)
      #expect(paddingIsZero(run.results[2], count: 3, shape: test.source))
    }
  }
}
