/// How often images of each class were taken for each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Of rows and of columns, in their order.
  public let names: [String]
  /// Images by true class (row) and predicted class (column), row by row.
  public let counts: [Int]

  /// More classes make a matrix that nobody looks at.
  public static let greatestClasses = 4096

  /// The counts of `predictions`, which hold the likeliest classes, of images with these labels. There are at most
  /// `greatestClasses` names.
  public init(_ predictions: [Prediction], labels: [Int], names: [String]) {
    precondition(names.count <= Self.greatestClasses, "there are too many classes")
    var counts = [Int](repeating: 0, count: names.count * names.count)
    for (prediction, label) in zip(predictions, labels) {
      if let predicted = prediction.best.first { counts[label * names.count + predicted] += 1 }
    }
    self.names = names
    self.counts = counts
  }

  public subscript(label: Int, predicted: Int) -> Int { counts[label * names.count + predicted] }

  /// Comma-separated values: the names of the predicted classes, then a line for each true class.
  public var text: String {
    var lines = [CSV.line(["label"] + names)]
    for (label, name) in names.enumerated() {
      lines.append(CSV.line([name] + names.indices.map { "\(self[label, $0])" }))
    }
    return lines.joined()
  }
}
