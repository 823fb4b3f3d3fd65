import Kernels
import TestSupport
import Testing

extension KernelTests {
  @Suite("Rows are copied between arrays of different row lengths", .serialized)
  struct Rows {
    @Test(arguments: [false, true])
    func copied(accumulate: Bool) {
      let (rows, count, from, to) = (5, 48, 64, 112)
      var numbers = TestNumbers(seed: 21)
      let source = numbers.array(rows * from).floats
      let start = numbers.array(rows * to).floats
      let run = runEverywhere { processor, memory in
        processor.copyRows(
          memory.input(source), stride: from, into: memory.output(start), stride: to, rows: rows, count: count,
          accumulate: accumulate)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      var expected = start
      for row in 0..<rows {
        for i in 0..<count {
          expected[row * to + i] = source[row * from + i] + (accumulate ? start[row * to + i] : 0)
        }
      }
      #expect(run.results[0] == expected)
    }
  }
}
