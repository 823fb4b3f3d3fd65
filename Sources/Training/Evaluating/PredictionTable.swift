/// What a network made of each image, as comma-separated values: quoted as RFC 4180 says, lines ended by a line feed.
public struct PredictionTable: Sendable {
  public let text: String

  /// One line for each prediction, in their order.
  ///
  /// - Parameters:
  ///   - labels: The class of each image.
  ///   - sampleIDs: The number that names each image in its shards.
  ///   - labelNames: The classes of the images.
  ///   - names: The classes of the network.
  public init(
    _ predictions: [Prediction], labels: [Int], sampleIDs: [UInt64], labelNames: [String], names: [String]
  ) {
    var lines = [Self.header]
    for (index, prediction) in predictions.enumerated() {
      let predicted = prediction.best.first ?? 0
      let probability = prediction.probability
      lines.append(
        CSV.line([
          "\(index)", "\(sampleIDs[index])", "\(labels[index])", labelNames[labels[index]], "\(predicted)",
          names[predicted], probability.isNaN ? "" : "\(probability)", "\(prediction.rank + 1)", "\(prediction.loss)",
          prediction.best.map(String.init).joined(separator: " "),
        ]))
    }
    text = lines.joined()
  }

  private static let header = CSV.line([
    "index", "sample_id", "label", "label_name", "predicted", "predicted_name", "probability", "label_rank", "loss",
    "top5",
  ])
}

/// Comma-separated values (RFC 4180, but for the line's end).
enum CSV {
  /// A line of `fields` with its end.
  static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

  /// Quoted where it has a separator, a quote or a line's end, quotes doubled.
  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
