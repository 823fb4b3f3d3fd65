import Kernels
import TestSupport
import Testing

extension KernelTests {
  /// What measures the machine computes too: the compiler must not have removed it.
  @Suite("The peak's multiply-adds are done", .serialized)
  struct Peaks {
    @Test(arguments: [0, 1, 1000])
    func chains(_ rounds: Int) {
      let tasks = 3
      let run = runEverywhere { processor, memory in
        processor.runPeak(rounds: rounds, tasks: tasks, sink: memory.output(tasks * 16))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      var x: Float = 0
      for _ in 0..<rounds { x = (0.001 as Float).addingProduct(x, 0.999) }
      #expect(run.results[0] == [Float](repeating: x, count: tasks * 16))
    }
  }
}
