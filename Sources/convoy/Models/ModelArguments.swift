import ArgumentParser
import Networks

/// Which model, and what of it differs from the published one.
struct ModelArguments: ParsableArguments {
  @Argument(help: "The model's name; `convoy models` lists them.")
  var model: String

  @Option(help: "The number of classes.")
  var classes: Int?

  @Option(help: "Height and width of the images.")
  var inputSize: Int?

  @Option(help: "Channels of the images.")
  var inputChannels: Int?

  @Option(help: "Widths of a perceptron's hidden layers, for example 300,100.")
  var widths: String?

  func validate() throws {
    try requireOption("--classes", classes, in: OptionLimits.classes)
    try requireOption("--input-size", inputSize, in: OptionLimits.pixels)
    try requireOption("--input-channels", inputChannels, in: OptionLimits.pixels)
    for width in try hiddenWidths() ?? [] { try requireOption("--widths", width, in: OptionLimits.classes) }
  }

  /// The numbers of `widths`.
  private func hiddenWidths() throws -> [Int]? {
    try widths?.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let width = Int(text) else {
        throw ValidationError("--widths \"\(widths ?? "")\" is no list of numbers; write for example 300,100.")
      }
      return width
    }
  }

  /// The network, for batches of `images`.
  func network(images: Int) throws -> Network {
    guard let entry = ModelCatalog.entry(named: model) else {
      throw ValidationError(
        "There is no model \"\(model)\".\(suggestion(for: model, among: ModelCatalog.entries.map(\.name))) "
          + "`convoy models` lists them.")
    }
    var options = ModelOptions(classes: classes)
    options.inputSize = inputSize
    options.inputChannels = inputChannels
    options.widths = try hiddenWidths()
    do {
      return try entry.build(options).validated().validated(images: images)
    } catch {
      throw ValidationError(error.description)
    }
  }
}
