import ArgumentParser
import Networks
import Tensors

/// `convoy models`: what can be trained.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "models", abstract: "Lists the models.")

  @Flag(help: "Print JSON.")
  var json = false

  private struct Row: Encodable {
    let name, input, summary: String
    let parameters, macs: Int
  }

  func run() throws {
    let rows = ModelCatalog.entries.map { entry in
      let network = entry.build(ModelOptions())
      return Row(
        name: entry.name, input: network.input.shape.description, summary: entry.summary,
        parameters: network.parameterCount, macs: network.multiplyAdds)
    }
    if json { return try printJSON(rows) }
    let table = TextTable(
      rows: [["model", "input", "parameters", "MACs", ""]]
        + rows.map { [$0.name, $0.input, grouped($0.parameters), grouped($0.macs), $0.summary] },
      rightAligned: [2, 3])
    print(table.text)
  }
}
