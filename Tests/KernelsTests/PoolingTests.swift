import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Pooling matches the oracle", .serialized)
  struct Pools {
    struct Case: CustomTestStringConvertible {
      var images = 2
      var source: Shape
      var kernel: Extent
      var stride: Extent
      var padding = Extent(0)
      var up = false

      var window: Window { Window(kernel: kernel, stride: stride, padding: padding) }
      var testDescription: String {
        "\(images)× \(source), kernel \(kernel), stride \(stride), padding \(padding)\(up ? ", up" : "")"
      }
    }

    static let cases: [Case] = [
      Case(source: Shape(channels: 6, height: 28, width: 28), kernel: Extent(2), stride: Extent(2)),
      Case(source: Shape(channels: 17, height: 9, width: 7), kernel: Extent(3), stride: Extent(2)),
      Case(source: Shape(channels: 17, height: 9, width: 8), kernel: Extent(2), stride: Extent(2), up: true),
      Case(
        source: Shape(channels: 64, height: 11, width: 13), kernel: Extent(3), stride: Extent(2), padding: Extent(1)),
      Case(
        source: Shape(channels: 20, height: 12, width: 10), kernel: Extent(3), stride: Extent(2), padding: Extent(1),
        up: true),
      Case(images: 1, source: Shape(channels: 1, height: 1, width: 1), kernel: Extent(1), stride: Extent(1)),
      Case(images: 5, source: Shape(channels: 33, height: 5, width: 6), kernel: Extent(1), stride: Extent(3), up: true),
      Case(source: Shape(channels: 10, height: 7, width: 8), kernel: Extent(3), stride: Extent(1), padding: Extent(1)),
      Case(
        source: Shape(channels: 16, height: 4, width: 5), kernel: Extent(2), stride: Extent(2), padding: Extent(1),
        up: true),
      Case(
        source: Shape(channels: 16, height: 9, width: 6), kernel: Extent(rows: 3, columns: 2),
        stride: Extent(rows: 1, columns: 3), padding: Extent(rows: 1, columns: 0), up: true),
      Case(
        source: Shape(channels: 17, height: 28, width: 28), kernel: Extent(3), stride: Extent(1), padding: Extent(1)),
      Case(source: Shape(channels: 8, height: 13, width: 12), kernel: Extent(8), stride: Extent(1), padding: Extent(3)),
      Case(source: Shape(channels: 8, height: 13, width: 12), kernel: Extent(9), stride: Extent(2), padding: Extent(4)),
      Case(source: Shape(channels: 3, height: 5, width: 7), kernel: Extent(rows: 5, columns: 7), stride: Extent(1)),
      Case(source: Shape(channels: 16, height: 16, width: 16), kernel: Extent(16), stride: Extent(16)),
      Case(source: Shape(channels: 50, height: 9, width: 9), kernel: Extent(2), stride: Extent(4), up: true),
    ]

    @Test(arguments: cases)
    func maximum(_ test: Case) {
      var numbers = TestNumbers(seed: 6)
      // Few different values, so that windows have several greatest ones.
      let source = numbers.images(test.images, test.source, -2, 2).map { ($0 * 4).rounded() / 4 }
      let expected = Oracle.maxPool(source, test.window, up: test.up)
      let outputGradient = numbers.images(test.images, expected.output.shape)
      let start = numbers.images(test.images, test.source)
      let pooling = Pooling(
        images: test.images, source: test.source, output: expected.output.shape, kernel: test.kernel,
        stride: test.stride,
        padding: test.padding)
      let run = runEverywhere(scratchFloats: pooling.scratchFloats) { processor, memory in
        let x = memory.input(source.packed(in: .blocked))
        let outputFloats = test.images * expected.output.shape.floats(in: .blocked)
        let winners = UnsafeMutableRawPointer(memory.workspace((pooling.winnerBytes + 3) / 4))
          .assumingMemoryBound(to: UInt8.self)
        pooling.maximum(on: processor, source: x, output: memory.output(outputFloats), winners: winners)
        pooling.maximum(on: processor, source: x, output: memory.output(outputFloats), winners: nil)
        let gradient = memory.input(outputGradient.packed(in: .blocked))
        let sourceFloats = test.images * test.source.floats(in: .blocked)
        pooling.maximumGradient(
          on: processor, outputGradient: gradient, winners: winners, sourceGradient: memory.output(sourceFloats),
          accumulate: false)
        pooling.maximumGradient(
          on: processor, outputGradient: gradient, winners: winners,
          sourceGradient: memory.output(start.packed(in: .blocked)), accumulate: true)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let output = Images(count: test.images, shape: expected.output.shape, layout: .blocked, floats: run.results[0])
      #expect(output == expected.output)
      #expect(run.results[1].bits == run.results[0].bits)
      let gradient = Oracle.maxPoolGradient(source, winners: expected.winners, outputGradient: outputGradient)
      checkGradients(test, run, gradient, start)
    }

    @Test(arguments: cases, [true, false])
    func average(_ test: Case, countPadding: Bool) {
      var numbers = TestNumbers(seed: 7)
      let source = numbers.images(test.images, test.source)
      let expected = Oracle.averagePool(source, test.window, up: test.up, countPadding: countPadding)
      let outputGradient = numbers.images(test.images, expected.shape)
      let start = numbers.images(test.images, test.source)
      let pooling = Pooling(
        images: test.images, source: test.source, output: expected.shape, kernel: test.kernel, stride: test.stride,
        padding: test.padding, countPadding: countPadding)
      let run = runEverywhere { processor, memory in
        pooling.average(
          on: processor, source: memory.input(source.packed(in: .blocked)),
          output: memory.output(test.images * expected.shape.floats(in: .blocked)))
        _ = memory.output(0)
        let gradient = memory.input(outputGradient.packed(in: .blocked))
        pooling.averageGradient(
          on: processor, outputGradient: gradient,
          sourceGradient: memory.output(test.images * test.source.floats(in: .blocked)), accumulate: false)
        pooling.averageGradient(
          on: processor, outputGradient: gradient, sourceGradient: memory.output(start.packed(in: .blocked)),
          accumulate: true)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let output = Images(count: test.images, shape: expected.shape, layout: .blocked, floats: run.results[0])
      let bound = Oracle.averagePool(source.map(abs), test.window, up: test.up, countPadding: countPadding)
      #expect(greatestError(output.values, expected.values, per: bound.values) < 2e-6)
      #expect(paddingIsZero(run.results[0], count: test.images, shape: expected.shape))
      let gradient = Oracle.averagePoolGradient(
        source, outputGradient: outputGradient, test.window, countPadding: countPadding)
      checkGradients(test, run, gradient, start)
    }

    /// Global pooling of planes with more pixels than a max pooling's window may have.
    @Test func averageOfLargeWindow() {
      var numbers = TestNumbers(seed: 8)
      let shape = Shape(channels: 17, height: 23, width: 31)
      let source = numbers.images(2, shape)
      let window = Extent(rows: shape.height, columns: shape.width)
      let pooling = Pooling(
        images: 2, source: shape, output: Shape(channels: 17), kernel: window, stride: window, padding: Extent(0))
      let run = runEverywhere { processor, memory in
        pooling.average(on: processor, source: memory.input(source.packed(in: .blocked)), output: memory.output(64))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let output = Images(count: 2, shape: Shape(channels: 17), layout: .blocked, floats: run.results[0])
      let expected = Oracle.averagePool(
        source, Window(kernel: window, stride: window, padding: Extent(0)), up: false, countPadding: true)
      #expect(relativeError(output.values, expected.values) < 2e-6)
    }

    /// The first NaN of a window wins, as in PyTorch: a broken run must not look sound.
    @Test func maximumKeepsNaN() {
      let shape = Shape(channels: 1, height: 2, width: 2)
      let pooling = Pooling(
        images: 1, source: shape, output: Shape(channels: 1), kernel: Extent(2), stride: Extent(2), padding: Extent(0))
      for place in 0..<4 {
        var values = [Float](repeating: 0, count: 64)
        for pixel in 0..<4 { values[16 * pixel] = pixel == place ? .nan : Float(pixel) }
        let run = runEverywhere { processor, memory in
          pooling.maximum(on: processor, source: memory.input(values), output: memory.output(16), winners: nil)
        }
        #expect(run.results[0][0].isNaN)
        #expect(run.faults.isEmpty, "\(run.faults)")
      }
    }

    /// Overlapping windows are searched row by row, and yet the winner is that of a search value by value: the first of
    /// equal ones, the last NaN.
    @Test(arguments: cases)
    func winnersAreThoseOfAScan(_ test: Case) {
      var numbers = TestNumbers(seed: 9)
      let special: [Float] = [.nan, 0, -0.0, .infinity, -.infinity]
      let source = (0..<test.images * test.source.floats(in: .blocked)).map { _ in
        let number = numbers.next(0, 40)
        return number < 5 ? special[Int(number)] : Float((number / 8).rounded())
      }
      let shape = Oracle.maxPool(Images(count: 1, shape: test.source), test.window, up: test.up).output.shape
      let pooling = Pooling(
        images: test.images, source: test.source, output: shape, kernel: test.kernel, stride: test.stride,
        padding: test.padding)
      let count = test.images * shape.floats(in: .blocked)
      let run = runEverywhere(scratchFloats: pooling.scratchFloats) { processor, memory in
        let winners = memory.output(count / 4)
        pooling.maximum(
          on: processor, source: memory.input(source), output: memory.output(count),
          winners: UnsafeMutableRawPointer(winners).assumingMemoryBound(to: UInt8.self))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let (output, winners) = scan(source, test, shape)
      #expect(run.results[1].bits == output.bits)
      #expect(run.results[0].withUnsafeBytes { Array($0) } == winners)
    }

    /// The greatest value of each window and its tap, as they lie in memory.
    private func scan(_ source: [Float], _ test: Case, _ output: Shape) -> (output: [Float], winners: [UInt8]) {
      var values: [Float] = []
      var winners: [UInt8] = []
      for plane in 0..<test.images * test.source.blocks {
        for pixel in 0..<output.pixels {
          let top = pixel / output.width * test.stride.rows - test.padding.rows
          let left = pixel % output.width * test.stride.columns - test.padding.columns
          for lane in 0..<16 {
            var best: (value: Float, tap: Int)?
            for tap in 0..<test.kernel.rows * test.kernel.columns {
              let (row, column) = (top + tap / test.kernel.columns, left + tap % test.kernel.columns)
              guard (0..<test.source.height) ~= row, (0..<test.source.width) ~= column else { continue }
              let x = source[((plane * test.source.height + row) * test.source.width + column) * 16 + lane]
              if let best, !(x > best.value || x.isNaN) { continue }
              best = (x, tap)
            }
            values.append(best?.value ?? 0)
            winners.append(UInt8(best?.tap ?? 0))
          }
        }
      }
      return (values, winners)
    }

    /// Results 2 and 3 are the gradient written, and added to `start`.
    private func checkGradients(_ test: Case, _ run: EverywhereRun, _ gradient: Images, _ start: Images) {
      for (result, expected) in [(run.results[2], gradient), (run.results[3], Oracle.add(gradient, start))] {
        let values = Images(count: test.images, shape: test.source, layout: .blocked, floats: result)
        #expect(relativeError(values.values, expected.values) < 1e-6)
        #expect(paddingIsZero(result, count: test.images, shape: test.source))
      }
    }
  }
}
