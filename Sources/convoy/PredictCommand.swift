import ArgumentParser
import Kernels
import Training
import Workers

/// `convoy predict`: what a checkpoint sees in images.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Prints the likeliest classes of images.",
    discussion: """
      With their probabilities, if the network was trained by cross entropy, otherwise with their scores. Of a \
      network that was trained by squaredError, whose classes are places on a line, also the position of its answer: \
      the centre of the hill of its outputs, where class k is at k.
      """)

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
    let position: Double?
  }

  func run() throws {
    guard !images.isEmpty, top > 0 else { throw ValidationError("Give at least one image, and --top of at least 1.") }
    let processor = Processor(kernels: try selectedKernels(), team: Team(size: Affinity.processors.count))
    let model = try SavedModel(checkpoint, on: processor) { warning in
      if !json { print("warning: \(warning)") }
    }
    let rows = zip(images, try model.predict(images, count: top)).map {
      Row(image: $0, guesses: $1.guesses, position: $1.position)
    }
    if json { return try printJSON(rows) }
    for row in rows {
      print(row.image)
      if let position = row.position { print("  position \(fixed(position, 2))") }
      print(TextTable(rows: row.guesses.map { ["", measure(of: $0), $0.className] }, rightAligned: [1]).text)
    }
  }

  /// The probability of a class, or its score where there are none.
  private func measure(of guess: SavedModel.Guess) -> String {
    guard let probability = guess.probability else { return fixed(Double(guess.logit), 3) }
    return "\((probability * 1000).rounded() / 10) %"
  }
}
