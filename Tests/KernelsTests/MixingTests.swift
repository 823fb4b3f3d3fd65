import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  @Suite("Mixing images and labels", .serialized)
  struct MixingTests {
    /// Sizes that are no whole vectors.
    @Test(arguments: [(3, 16, 1), (5, 27, 2), (2, 3, 1), (4, 192, 3)])
    func images(_ images: Int, _ count: Int, _ partner: Int) {
      var numbers = TestNumbers(seed: 41)
      let values = numbers.array(images * count)
      let mixing = Mixing(share: 0.7, partner: partner)
      let run = runEverywhere { processor, memory in
        mixing.run(
          on: processor, source: memory.input(values.floats), output: memory.output(images * count), images: images,
          count: count)
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let expected = values.indices.map { i in
        let other = (i / count + partner) % images * count + i % count
        return Double(mixing.share) * values[i] + (1 - Double(mixing.share)) * values[other]
      }
      #expect(relativeError(run.results[0].doubles, expected) < 1e-7)
    }

    /// The loss of mixed labels is the mix of the two losses, and so is its gradient; equal labels are one.
    @Test(arguments: [0.0, 0.1], [0.0, 0.3, 1.0])
    func labels(smoothing: Double, share: Double) {
      var numbers = TestNumbers(seed: 42)
      let (images, classes) = (6, 10)
      let logits = numbers.images(images, Shape(channels: classes), -5, 5)
      let labels = [3, 3, 0, 9, 5, 1]
      let others = (0..<images).map { labels[($0 + 1) % images] }
      let loss = LossFunction.crossEntropy(smoothing: Float(smoothing))
      let run = runEverywhere { processor, memory in
        let ranks = UnsafeMutableRawPointer(memory.output(images)).assumingMemoryBound(to: Int32.self)
        loss.run(
          on: processor, images: images, classes: classes, logits: memory.input(logits.packed(in: .blocked)),
          labels: memory.input(labels.map(Int32.init)), losses: memory.output(images), ranks: ranks,
          gradient: memory.output(images * 16), gradientScale: 1,
          mixing: Mixing(share: Float(share)))
      }
      #expect(run.faults.isEmpty, "\(run.faults)")
      let own = Oracle.softmaxCrossEntropy(logits, labels: labels, smoothing: smoothing)
      let other = Oracle.softmaxCrossEntropy(logits, labels: others, smoothing: smoothing)
      func mix(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { share * $0 + (1 - share) * $1 } }
      let gradient = Images(count: images, shape: logits.shape, layout: .blocked, floats: run.results[2])
      #expect(relativeError(run.results[1].doubles, mix(own.losses, other.losses)) < 1e-6)
      #expect(relativeError(gradient.values, mix(own.gradient.values, other.gradient.values)) < 1e-6)
      #expect(run.results[0].map { Int($0.bitPattern) } == own.ranks)
    }
  }
}
