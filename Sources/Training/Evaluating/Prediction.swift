import Tensors

/// What a network made of one image.
public struct Prediction: Sendable, Equatable {
  public var loss: Double
  /// The label's, by the rule of `LossFunction`: 0 where it is predicted.
  public var rank: Int
  /// Up to five classes, the likeliest first; of equally likely ones the first. Empty where nobody asked for them.
  public var best: [Int] = []
  /// Of the likeliest class; NaN where the loss that is trained knows no probabilities.
  public var probability = 0.0
  /// How many classes lie between the label and the centre of the outputs' hill, where classes are places on a line.
  public var distance: Double?

  public init(loss: Double, rank: Int, best: [Int] = [], probability: Double = 0) {
    self.loss = loss
    self.rank = rank
    self.best = best
    self.probability = probability
  }

  /// Of an image of `label`, by the probabilities of all classes: the loss is −log of the label's, which counts as at
  /// least the least normal number.
  package init(probabilities: [Double], label: Int) {
    let p = probabilities[label]
    loss = -Elementary.log(p < .leastNormalMagnitude ? .leastNormalMagnitude : p)
    rank = Self.rank(of: label, among: probabilities)
    best = Self.best(of: probabilities)
    probability = best.first.map { probabilities[$0] } ?? 0
  }

  /// By the rule of `LossFunction`, whose kernels count the same among a network's logits. Those are single precision,
  /// but means over views are double: rounded for a kernel, probabilities that differ would tie.
  package static func rank(of label: Int, among scores: [Double]) -> Int {
    scores.indices.count { k in
      k != label && !(scores[k] < scores[label]) && !(scores[k] == scores[label] && k > label)
    }
  }

  /// Up to five places of the greatest values, the greatest first, of equal ones the first.
  static func best(of values: [Double]) -> [Int] {
    var best: [Int] = []
    while best.count < min(5, values.count) {
      let rest = values.indices.filter { !best.contains($0) }
      guard let greatest = rest.dropFirst().reduce(rest.first, { values[$1] > values[$0 ?? 0] ? $1 : $0 }) else {
        break
      }
      best.append(greatest)
    }
    return best
  }
}

/// Predictions on their way between ranks: as numbers of which all but one rank have zeros.
struct PredictionNumbers {
  /// All those of the first image, then those of the second.
  var values: [Double]
  private let details: Bool
  private let distances: Bool
  /// Of each image.
  private var width: Int { 2 + (distances ? 1 : 0) + (details ? 6 : 0) }

  /// For `count` images, all zeros. What nobody asked for does not travel: without `details` classes and probabilities.
  init(count: Int, details: Bool, distances: Bool) {
    self.details = details
    self.distances = distances
    values = []
    values = [Double](repeating: 0, count: count * width)
  }

  subscript(image: Int) -> Prediction {
    get {
      var numbers = values[image * width..<(image + 1) * width]
      var prediction = Prediction(loss: numbers.removeFirst(), rank: Int(numbers.removeFirst()))
      if distances { prediction.distance = numbers.removeFirst() }
      guard details else { return prediction }
      prediction.probability = numbers.removeFirst()
      prediction.best = numbers.filter { $0 >= 0 }.map { Int($0) }
      return prediction
    }
    set {
      var numbers = [newValue.loss, Double(newValue.rank)]
      if distances { numbers.append(newValue.distance ?? 0) }
      if details {
        let best = newValue.best.map(Double.init)
        numbers += [newValue.probability] + best + [Double](repeating: -1, count: 5 - best.count)
      }
      values.replaceSubrange(image * width..<(image + 1) * width, with: numbers)
    }
  }
}
