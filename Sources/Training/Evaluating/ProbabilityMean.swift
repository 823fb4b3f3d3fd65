import Tensors

/// The mean of the softmax outputs of an image's views, added in double precision in the order in which they are given.
package struct ProbabilityMean {
  private var sums: [Double]
  private var weights: [Double]
  private var views = 0

  package init(classes: Int) {
    sums = [Double](repeating: 0, count: classes)
    weights = sums
  }

  /// Adds the softmax of a view's class scores.
  package mutating func add(softmaxOf scores: some RandomAccessCollection<Double>) {
    precondition(scores.count == sums.count, "each class has a score")
    let greatest = scores.max() ?? 0
    var sum = 0.0
    for (k, score) in scores.enumerated() {
      let weight = Elementary.exp(score - greatest)
      weights[k] = weight
      sum += weight
    }
    for k in sums.indices { sums[k] += weights[k] / sum }
    views += 1
  }

  /// Adds the softmax of `count` logits.
  mutating func add(softmaxOf logits: UnsafePointer<Float>) {
    add(softmaxOf: UnsafeBufferPointer(start: logits, count: sums.count).lazy.map { Double($0) })
  }

  package var probabilities: [Double] { sums.map { $0 / Double(views) } }
}
