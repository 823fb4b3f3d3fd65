import Kernels
import TestSupport
import Testing

extension KernelTests {
  @Suite("Dropout keeps the same values everywhere", .serialized)
  struct Droppings {
    private let count = 48

    private func dropped(_ values: [Float], rate: Float, draw: RandomPosition, addTo start: [Float]? = nil) -> [Float] {
      let run = runEverywhere { processor, memory in
        let output = start.map { memory.output($0) } ?? memory.output(values.count)
        Dropping(rate: rate, layer: 3).run(
          on: processor, source: memory.input(values), output: output, images: values.count / count, count: count,
          draw: draw, accumulate: start != nil)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      return run.results[0]
    }

    @Test(arguments: [0, 0.2, 0.5] as [Float])
    func anyCutOfABatch(_ rate: Float) {
      let images = 60
      let values = (0..<images * count).map { Float($0 % 31) - 15 }
      let all = dropped(values, rate: rate, draw: RandomPosition(seed: 3, firstPosition: 1000))
      for (value, result) in zip(values, all) { #expect(result == 0 || result == value * (1 / (1 - rate))) }
      let later = RandomPosition(seed: 3, firstPosition: 1000 + 50)
      #expect(dropped(Array(values[(50 * count)...]), rate: rate, draw: later) == Array(all[(50 * count)...]))
    }

    @Test func adds() {
      var numbers = TestNumbers(seed: 22)
      let (values, start) = (numbers.array(4 * count).floats, numbers.array(4 * count).floats)
      let draw = RandomPosition(seed: 5)
      let added = dropped(values, rate: 0.3, draw: draw, addTo: start)
      #expect(added == zip(start, dropped(values, rate: 0.3, draw: draw)).map { $0 + $1 })
    }
  }
}
