import Glibc
public import Kernels
import Tensors

extension Oracle {
  /// Per image the loss of a batch of logits.
  public static func losses(_ function: LossFunction, _ logits: Images, labels: [Int]) -> [Double] {
    let classes = logits.shape.channels
    return labels.enumerated().map { image, label in
      let row = Array(logits.values[image * classes..<(image + 1) * classes])
      switch function {
      case .crossEntropy(let smoothing):
        let one = Images(count: 1, shape: logits.shape, values: row)
        return softmaxCrossEntropy(one, labels: [label], smoothing: Double(smoothing)).losses[0]
      case .perceptron: return max(0, (row.max() ?? 0) - row[label])
      case .hinge:
        let others = row.enumerated().filter { $0.offset != label }.map(\.element)
        return others.isEmpty ? 0 : max(0, 1 + (others.max() ?? 0) - row[label])
      case .squaredError(let width):
        return row.enumerated().reduce(0) { sum, element in
          let distance = Double(element.offset - label) / Double(width)
          let error = element.element - exp(-distance * distance / 2)
          return sum + error * error / 2
        }
      }
    }
  }
}
