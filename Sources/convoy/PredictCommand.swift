import ArgumentParser
import Kernels
import Training
import Workers

/// `convoy predict`: what a checkpoint sees in images.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Prints the likeliest classes of images.")

  @Option(help: "A checkpoint, or a run directory for its newest one.", completion: .directory)
  var checkpoint: String

  @Argument(help: "JPEG or PNG files.", completion: .file())
  var images: [String]

  @Option(help: "How many classes.")
  var top = 5

  @Flag(help: "Print JSON.")
  var json = false

  private struct Row: Encodable {
    let image: String
    let guesses: [SavedModel.Guess]
  }

  func run() throws {
    guard !images.isEmpty, top > 0 else { throw ValidationError("Give at least one image, and --top of at least 1.") }
    let processor = Processor(kernels: try selectedKernels(), team: Team(size: Affinity.processors.count))
    let model = try SavedModel(checkpoint, on: processor) { warning in
      if !json { print("warning: \(warning)") }
    }
    let rows = zip(images, try model.predict(images, count: top)).map { Row(image: $0, guesses: $1) }
    if json { return try printJSON(rows) }
    for row in rows {
      print(row.image)
      let table = TextTable(
        rows: row.guesses.map { ["", "\(($0.probability * 1000).rounded() / 10) %", $0.className] }, rightAligned: [1])
      print(table.text)
    }
  }
}
