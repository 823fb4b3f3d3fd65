public import ArgumentParser
public import Shards

/// `convoy data synth`: data that needs no download.
struct DataSynthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Draws a data set: coloured shapes on clutter, upright or not, or roads with their steering direction.",
    discussion: """
      shapes: ten classes of figures, as high as wide. upright: the same figures, near the middle, about one size, \
      never turned, and lighter than what is behind them, so that a perceptron can learn them. roads: grey pictures \
      from behind the windscreen, 15/16 as high as wide (30 x 32 by default); the class is the one of 30 units from \
      sharp left to sharp right along whose circle the car meets the middle of the road 12 m ahead.
      """)

  @Option(help: "What to draw: shapes, upright or roads.")
  var kind = SyntheticKind.shapes

  @Option(help: "How many images.")
  var count: Int

  @Option(help: "The width in pixels.")
  var size = 32

  @Option(help: "Another seed draws other images of the same kind.")
  var seed: UInt64 = 0

  @Option(help: "The folder to write to.", completion: .directory)
  var output: String

  @Option(help: "The name of the split.")
  var split = "train"

  @Option(help: "About how large each shard becomes.")
  var shardSize = "64MB"

  @Flag(help: "Write JPEG files, one folder per class, for `convoy data build`.")
  var tree = false

  @Flag(help: "Replace what is there.")
  var overwrite = false

  @OptionGroup var work: WorkOptions

  func run() throws {
    guard count > 0, size >= 8, size <= 1024 else {
      throw ValidationError("--count must be at least 1, and --size 8 to 1024.")
    }
    let report = try ShardSynthesis(
      kind: kind, count: count, size: size, seed: seed, split: split, output: output,
      destination: tree ? .tree(quality: 95) : .shards(shardByteCount: try byteCount(shardSize)),
      threads: work.threadCount, overwrites: overwrite
    ).run(progress: work.progress("synth"))
    print("\(report.samples) images, \(readableBytes(report.imageBytes)), in \(output)")
  }
}

extension SyntheticKind: ExpressibleByArgument {}
