import ArgumentParser
import Shards
import Training

/// The files that `convoy eval` writes beside its result.
struct EvalReports {
  private let predictions: OutputFile?
  private let table: OutputFile?
  private let picture: OutputFile?

  /// The files named on the command line; nil for those that are not wanted. Throws when one cannot be written.
  init(predictions: String?, confusion: String?, classes: Int) throws {
    self.predictions = try predictions.map(OutputFile.init)
    guard let confusion else {
      table = nil
      picture = nil
      return
    }
    guard classes <= ConfusionMatrix.greatestClasses else {
      throw TrainingError(
        .usage,
        "--confusion \(confusion): a matrix of \(classes) × \(classes) classes is too large, the limit is "
          + "\(ConfusionMatrix.greatestClasses); use --predictions.")
    }
    // The name as it is given; that of a folder is not to be lengthened.
    try OutputFile.requireFile(confusion)
    let name = confusion.lowercased()
    table =
      name.hasSuffix(".csv")
      ? try OutputFile(confusion) : name.hasSuffix(".png") ? nil : try OutputFile(confusion + ".csv")
    picture =
      name.hasSuffix(".png")
      ? try OutputFile(confusion) : name.hasSuffix(".csv") ? nil : try OutputFile(confusion + ".png")
  }

  /// Writes the files; `names` are the classes of the network.
  func write(_ made: [Prediction], of set: ShardSet, names: [String]) throws {
    let labels = (0..<set.count).map { set.label(of: $0) }
    if let predictions {
      let text = PredictionTable(
        made, labels: labels, sampleIDs: (0..<set.count).map { set.sampleID(of: $0) },
        labelNames: set.classes.map(\.name), names: names
      ).text
      try predictions.write(text)
    }
    guard table != nil || picture != nil else { return }
    let matrix = ConfusionMatrix(made, labels: labels, names: names)
    if let table { try table.write(matrix.text) }
    if let picture { try picture.write(ConfusionPicture(matrix).image.pngBytes()) }
  }
}
