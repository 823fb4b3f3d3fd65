import Execution
import Kernels
import Shards
import Tensors

/// One input of each image; what is measured is the loss that is trained.
struct SingleViewEvaluation: ViewEvaluation {
  let source: ShardSet
  let transform: ImageTransform
  /// Of a plan for evaluation; its images are those of a batch.
  let executor: Executor
  let loss: LossFunction
  let threads: Int

  func measure(_ share: Range<Int>, details: Bool, judged: (_ image: Int, Prediction) -> Void) throws {
    let images = executor.plan.images
    let classes = executor.plan.classes
    let loader = try BatchLoader(
      evaluating: share, of: source, microbatch: images, transform: transform, threads: threads, buffers: 3)
    let losses = Arena(count: images)
    var ranks = [Int32](repeating: 0, count: images)
    var done = share.lowerBound
    for _ in 0..<loader.batchCount {
      let batch = try loader.next()
      guard let pixels = batch.images.baseAddress, let labels = batch.labels.baseAddress else { continue }
      executor.forward(images: pixels)
      ranks.withUnsafeMutableBufferPointer { ranks in
        guard let ranks = ranks.baseAddress else { return }
        loss.run(
          on: executor.processor, images: batch.count, classes: classes, logits: executor.logits, labels: labels,
          losses: losses.floats, ranks: ranks, gradient: nil, gradientScale: 0)
      }
      for image in 0..<batch.count {
        var prediction = Prediction(loss: Double(losses.floats[image]), rank: Int(ranks[image]))
        let logits = executor.logits + image * paddedToVector(classes)
        if loss.hasOrderedClasses {
          let hill = ActivationHill(UnsafeBufferPointer(start: logits, count: classes))
          prediction.distance = hill.distance(to: Int(labels[image]))
        }
        if details {
          prediction.best = Prediction.best(of: (0..<classes).map { Double(logits[$0]) })
          prediction.probability = probability(of: prediction.best.first, logits, classes: classes)
        }
        judged(done + image, prediction)
      }
      done += batch.count
    }
  }

  private func probability(of best: Int?, _ logits: UnsafePointer<Float>, classes: Int) -> Double {
    guard let best, loss.givesProbabilities else { return .nan }
    var mean = ProbabilityMean(classes: classes)
    mean.add(softmaxOf: logits)
    return mean.probabilities[best]
  }
}
