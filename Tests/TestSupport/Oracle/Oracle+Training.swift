import Glibc
import Tensors

extension Oracle {
  /// Per image the softmax cross entropy with label smoothing, the gradient of its logits, and how many classes score
  /// above the label (ties: the lower class).
  public static func softmaxCrossEntropy(
    _ logits: Images, labels: [Int], smoothing: Double
  ) -> (losses: [Double], gradient: Images, ranks: [Int]) {
    let classes = logits.shape.channels
    var gradient = logits
    var losses: [Double] = []
    var ranks: [Int] = []
    for (image, label) in labels.enumerated() {
      let row = Array(logits.values[image * classes..<(image + 1) * classes])
      let greatest = row.max() ?? 0
      let sum = row.reduce(0) { $0 + exp($1 - greatest) }
      var loss = 0.0
      for k in 0..<classes {
        let target = smoothing / Double(classes) + (k == label ? 1 - smoothing : 0)
        let logProbability = row[k] - greatest - log(sum)
        loss -= target * logProbability
        gradient.values[image * classes + k] = exp(logProbability) - target
      }
      losses.append(loss)
      ranks.append(row.indices.filter { row[$0] > row[label] || (row[$0] == row[label] && $0 < label) }.count)
    }
    return (losses, gradient, ranks)
  }

  /// One step of PyTorch's SGD (no dampening).
  public static func momentumStep(
    weights: inout [Double], velocity: inout [Double], gradient: [Double], rate: Double, momentum: Double,
    decay: Double,
    nesterov: Bool
  ) {
    for i in weights.indices {
      let g = gradient[i] + decay * weights[i]
      velocity[i] = momentum * velocity[i] + g
      weights[i] -= rate * (nesterov ? g + momentum * velocity[i] : velocity[i])
    }
  }
}
