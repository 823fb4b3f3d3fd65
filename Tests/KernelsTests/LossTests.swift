import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Softmax cross entropy matches libm in double precision", .serialized)
  struct Losses {
    struct Case: CustomTestStringConvertible {
      var images = 5
      var classes: Int
      var spread: Double
      var smoothing: Float
      var testDescription: String { "\(classes) classes, logits ± \(spread), smoothing \(smoothing)" }
    }

    static let cases: [Case] = [1, 2, 10, 16, 17, 1000].flatMap { classes in
      [1, 10, 80].flatMap { spread in
        [0, 0.1].map { Case(classes: classes, spread: spread, smoothing: $0) }
      }
    }

    @Test(arguments: cases)
    func lossAndGradient(_ test: Case) {
      var numbers = TestNumbers(seed: 10)
      let logits = numbers.images(test.images, Shape(channels: test.classes), -test.spread, test.spread)
      let labels = (0..<test.images).map { _ in numbers.next(below: test.classes) }
      let loss = LossFunction.crossEntropy(smoothing: test.smoothing)
      let stride = paddedToVector(test.classes)
      let numbered = labels.map(Int32.init)
      let run = runEverywhere { processor, memory in
        let x = memory.input(logits.packed(in: .blocked))
        for gradient in [memory.output(test.images * stride), nil] {
          let ranks = UnsafeMutableRawPointer(memory.output(test.images)).assumingMemoryBound(to: Int32.self)
          loss.run(
            on: processor, images: test.images, classes: test.classes, logits: x, labels: memory.input(numbered),
            losses: memory.output(test.images), ranks: ranks, gradient: gradient, gradientScale: 0.25)
        }
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = Oracle.softmaxCrossEntropy(logits, labels: labels, smoothing: Double(test.smoothing))
      let gradient = Images(count: test.images, shape: logits.shape, layout: .blocked, floats: run.results[0])
      for (result, exact) in zip(gradient.values, expected.gradient.values) {
        #expect(abs(result - 0.25 * exact) <= 0.25 * (1e-6 * abs(exact) + 3e-7))
      }
      #expect(paddingIsZero(run.results[0], count: test.images, shape: logits.shape))
      for (result, exact) in zip(run.results[2], expected.losses) {
        // A loss is a difference of numbers as large as the logits.
        #expect(abs(Double(result) - exact) < 1e-6 * max(1, 2 * test.spread))
      }
      #expect(run.results[1].map { Int($0.bitPattern) } == expected.ranks)
      #expect(run.results[3].bits == run.results[1].bits)
      #expect(run.results[4].bits == run.results[2].bits)
    }

    /// With two classes the loss is log(1 + e^x): every argument of the own exp and log shows in it.
    @Test func elementaryFunctions() {
      let images = 4000
      let shape = Shape(channels: 2)
      let values = (0..<images).flatMap { [0, Double(Float(-90 + 180 * Double($0) / Double(images)))] }
      let logits = Images(count: images, shape: shape, values: values)
      let loss = LossFunction.crossEntropy(smoothing: 0)
      let labels = [Int32](repeating: 0, count: images)
      let run = runEverywhere(teams: [1]) { processor, memory in
        let ranks = UnsafeMutableRawPointer(memory.output(images)).assumingMemoryBound(to: Int32.self)
        loss.run(
          on: processor, images: images, classes: 2, logits: memory.input(logits.packed(in: .blocked)),
          labels: memory.input(labels), losses: memory.output(images), ranks: ranks,
          gradient: memory.output(images * 16), gradientScale: 1)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = Oracle.softmaxCrossEntropy(logits, labels: labels.map(Int.init), smoothing: 0)
      for image in 0..<images {
        let exact = expected.losses[image]
        #expect(abs(Double(run.results[1][image]) - exact) <= 4e-7 * exact + 1.5e-7)
        // The gradient of the second class is its probability.
        let probability = expected.gradient.values[2 * image + 1]
        #expect(abs(Double(run.results[2][16 * image + 1]) - probability) <= 4e-7 * probability + 1.3e-38)
      }
    }

    /// A logit that is not finite shows in the loss and in the rank, wherever it is.
    @Test(arguments: [Float.nan, .infinity], 0..<3)
    func brokenLogits(_ value: Float, place: Int) {
      var logits = [Float](repeating: 0, count: 16)
      logits[place] = value
      let loss = LossFunction.crossEntropy(smoothing: 0)
      let run = runEverywhere { processor, memory in
        let ranks = UnsafeMutableRawPointer(memory.output(1)).assumingMemoryBound(to: Int32.self)
        loss.run(
          on: processor, images: 1, classes: 3, logits: memory.input(logits), labels: memory.input([1 as Int32]),
          losses: memory.output(1), ranks: ranks, gradient: nil, gradientScale: 1)
      }
      #expect(run.results[1][0].isNaN)
      if place != 1 || value.isNaN { #expect(run.results[0][0].bitPattern >= 1) }
    }
  }
}
