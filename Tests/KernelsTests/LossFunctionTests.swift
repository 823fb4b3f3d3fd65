import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Losses beside cross entropy", .serialized)
  struct LossFunctions {
    static let functions: [LossFunction] = [
      .perceptron, .hinge, .squaredError(bumpWidth: 2.236), .squaredError(bumpWidth: 0.5),
      .crossEntropy(smoothing: 0.1),
    ]

    struct Results {
      var losses: [Float]
      var ranks: [Int]
      var gradient: [Float]
    }

    /// Both with a gradient and without, everywhere.
    private func results(
      _ function: LossFunction, _ logits: Images, labels: [Int], scale: Float = 1
    ) -> Results {
      let classes = logits.shape.channels
      let numbered = labels.map(Int32.init)
      let run = runEverywhere { processor, memory in
        let x = memory.input(logits.packed(in: .blocked))
        for gradient in [memory.output(labels.count * paddedToVector(classes)), nil] {
          let ranks = UnsafeMutableRawPointer(memory.output(labels.count)).assumingMemoryBound(to: Int32.self)
          function.run(
            on: processor, images: labels.count, classes: classes, logits: x,
            labels: memory.input(numbered),
            losses: memory.output(labels.count), ranks: ranks, gradient: gradient, gradientScale: scale)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      #expect(run.results[3].bits == run.results[1].bits && run.results[4].bits == run.results[2].bits)
      return Results(
        losses: run.results[2], ranks: run.results[1].map { Int($0.bitPattern) }, gradient: run.results[0])
    }

    @Test(arguments: functions, [1, 2, 10, 17, 1000])
    func matchTheOracle(_ function: LossFunction, classes: Int) {
      var numbers = TestNumbers(seed: 40)
      let shape = Shape(channels: classes)
      let logits = numbers.images(6, shape, -3, 3)
      let labels = (0..<6).map { $0 == 0 ? 0 : $0 == 1 ? classes - 1 : numbers.next(below: classes) }
      let results = results(function, logits, labels: labels, scale: 0.25)
      let exact = Oracle.losses(function, logits, labels: labels)
      for (loss, exact) in zip(results.losses, exact) { #expect(abs(Double(loss) - exact) <= 2e-6 * max(4, exact)) }
      #expect(results.ranks == Oracle.softmaxCrossEntropy(logits, labels: labels, smoothing: 0).ranks)
      #expect(paddingIsZero(results.gradient, count: 6, shape: shape))
      let gradient = Images(count: 6, shape: shape, layout: .blocked, floats: results.gradient)
      // The greatest logits are further apart than the step: no kink lies in it.
      let step = 1e-5
      for element in stride(from: 0, to: logits.values.count, by: max(1, logits.values.count / 300)) {
        func losses(_ step: Double) -> Double {
          var moved = logits
          moved.values[element] += step
          return Oracle.losses(function, moved, labels: labels).reduce(0, +)
        }
        let slope = 0.25 * (losses(step) - losses(-step)) / (2 * step)
        #expect(abs(gradient.values[element] - slope) < 1e-6)
      }
    }

    /// One image, three classes, by hand; the bump's σ is such that it is 1/2 one class away and 1/16 two away.
    @Test func byHand() {
      let bump = LossFunction.squaredError(bumpWidth: 0.849322)  // 1 / √(2·ln 2)
      let rows: [(LossFunction, [Double], Int, Float, [Float])] = [
        (.perceptron, [1, 3, 2], 2, 1, [0, 1, -1]), (.perceptron, [1, 3, 2], 1, 0, [0, 0, 0]),
        (.hinge, [1, 3, 2], 2, 2, [0, 1, -1]), (.hinge, [1, 3, 2.5], 1, 0.5, [0, -1, 1]),
        (.hinge, [1, 3, 2], 1, 0, [0, 0, 0]), (.hinge, [1, 5, 2], 1, 0, [0, 0, 0]),
        (bump, [1, 0.5, 0.0625], 0, 0, [0, 0, 0]), (bump, [2, 0.5, 0.0625], 0, 0.5, [1, 0, 0]),
        (bump, [0.5, 0, 0], 1, 0.625, [0, -1, -0.5]),
      ]
      for (function, logits, label, loss, gradient) in rows {
        let results = results(
          function, Images(count: 1, shape: Shape(channels: 3), values: logits), labels: [label])
        #expect(abs(results.losses[0] - loss) < 1e-5, "\(function) of \(logits)")
        for (k, expected) in gradient.enumerated() { #expect(abs(results.gradient[k] - expected) < 1e-5) }
      }
    }

    /// From zero weights all classes tie: the perceptron must leave them, towards the label and away from class 0,
    /// which is what is predicted.
    @Test func tiesCountAsPredictionsOfTheLowerClass() {
      let zeros = Images(count: 3, shape: Shape(channels: 4))
      let perceptron = results(.perceptron, zeros, labels: [0, 1, 3])
      #expect(perceptron.losses == [0, 0, 0] && perceptron.ranks == [0, 1, 3])
      let rows = (0..<3).map { Array(perceptron.gradient[16 * $0..<16 * $0 + 4]) }
      #expect(rows == [[0, 0, 0, 0], [1, -1, 0, 0], [1, 0, 0, -1]])
      let hinge = results(.hinge, zeros, labels: [0, 1, 3])
      #expect(hinge.losses == [1, 1, 1])
      #expect(Array(hinge.gradient[..<4]) == [-1, 1, 0, 0])
    }

    /// A logit that is not finite shows in the loss, wherever it is.
    @Test(arguments: functions, [Double.nan, .infinity, -.infinity])
    func brokenLogits(_ function: LossFunction, value: Double) {
      if case .crossEntropy = function, value == -.infinity { return }
      for place in 0..<3 {
        var logits = Images(count: 1, shape: Shape(channels: 3))
        logits.values[place] = value
        #expect(results(function, logits, labels: [1]).losses[0].isNaN)
      }
    }
  }
}
