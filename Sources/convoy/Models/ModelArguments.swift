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

  func network() throws -> Network {
    guard let entry = ModelCatalog.entry(named: model) else {
      throw ValidationError("There is no model \"\(model)\".\(suggestion(for: model, among: ModelCatalog.entries.map(\.name)))")
    }
    var options = ModelOptions(classes: classes)
    options.inputSize = inputSize
    options.inputChannels = inputChannels
    options.widths = widths?.split(separator: ",").compactMap { Int($0) }
    return try entry.build(options).validated()
  }
}
