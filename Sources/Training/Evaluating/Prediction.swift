import Tensors

/// What a network made of one image.
public struct Prediction: Sendable, Equatable {
  public var loss: Double
  /// How many classes score above the label: 0 where it is predicted.
  public var rank: Int
  /// Up to five classes, the likeliest first; of equally likely ones the first. Empty where nobody asked for them.
  public var best: [Int] = []
  /// Of the likeliest class.
  public var probability = 0.0

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
    // As the loss kernels count: NaN is above the label, ties go to the lower class.
    rank = probabilities.indices.count { k in
      k != label && !(probabilities[k] < p) && !(probabilities[k] == p && k > label)
    }
    best = Self.best(of: probabilities)
    probability = best.first.map { probabilities[$0] } ?? 0
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
  /// Of each image.
  let width: Int
  private(set) var values: [Double]

  /// For `count` images, all zeros. Without `details`, classes and probabilities do not travel.
  init(count: Int, details: Bool) {
    width = details ? 8 : 2
    values = [Double](repeating: 0, count: count * width)
  }

  /// What travelled.
  init(_ values: [Double], details: Bool) {
    width = details ? 8 : 2
    self.values = values
  }

  subscript(image: Int) -> Prediction {
    get {
      let numbers = values[image * width..<(image + 1) * width]
      let start = numbers.startIndex
      var prediction = Prediction(loss: numbers[start], rank: Int(numbers[start + 1]))
      guard width == 8 else { return prediction }
      prediction.probability = numbers[start + 2]
      prediction.best = numbers[(start + 3)...].filter { $0 >= 0 }.map { Int($0) }
      return prediction
    }
    set {
      let start = image * width
      values[start] = newValue.loss
      values[start + 1] = Double(newValue.rank)
      guard width == 8 else { return }
      values[start + 2] = newValue.probability
      for place in 0..<5 { values[start + 3 + place] = place < newValue.best.count ? Double(newValue.best[place]) : -1 }
    }
  }
}
