import ArgumentParser
import Shards
import Tensors
import Training
import Workers

/// `convoy bench loader`: the input pipeline without a network behind it.
struct BenchLoaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loader", abstract: "Times the input pipeline alone: from shards to normalised batches.",
    discussion: """
      Batches are read, checked, decoded, augmented and normalised as in training, in its random order, and thrown \
      away as fast as they come. The buffers are filled before counting begins. Files are read as the system has them: \
      run it twice for a warm page cache. The spread is that over ten parts of the run.
      """)

  @Option(help: "A folder of shards.", completion: .directory)
  var data: String

  @Option(help: "Images per batch.")
  var batch = 32

  @Option(help: "Threads that decode; by default the size of the affinity mask. Training takes a quarter of it.")
  var threads: Int?

  @Option(help: "The augmentation, as augmentation.preset in a configuration.")
  var augmentation = Augmentation.Preset.none

  @Option(help: "Height and width of the network's input; by default the stored size, or 224 for JPEG.")
  var inputSize: Int?

  @Option(help: "Counted batches; 100 if --epochs is not given either.")
  var batches: Int?

  @Option(help: "Counted passes over the data, in place of --batches.")
  var epochs: Int?

  @Option(help: "The run's seed.")
  var seed: UInt64 = 0

  @Flag(help: "Print one line of JSON.")
  var json = false

  private struct Report: Encodable {
    let data, encoding, augmentation: String
    let input_channels, input_height, input_width, batch, threads, batches, images: Int
    let images_per_second, slowest, fastest, seconds: Double
    let megabytes_per_second, cpu_seconds_per_image: Double
  }

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
    try requireOption("--threads", threads, in: OptionLimits.threads)
    try requireOption("--input-size", inputSize, in: OptionLimits.pixels)
    try requireOption("--batches", batches, in: 1...1 << 24)
    try requireOption("--epochs", epochs, in: 1...1 << 16)
    guard batches == nil || epochs == nil else { throw ValidationError("Give --batches or --epochs, not both.") }
  }

  func run() throws {
    let set = try ShardSet(folder: data)
    guard set.count > 0 else { throw TrainingError(.badData, "\(data) holds no samples.") }
    let threads = threads ?? Affinity.processors.count
    let count = batches ?? epochs.map { max(1, $0 * set.count / batch) } ?? 100
    let buffers = 4  // As in training.
    let input = input(of: set)
    let varied = Augmentation(augmentation)
    try varied.requireRoom(for: input)
    let loader = try BatchLoader(
      source: set, order: SampleOrder(count: set.count, seed: seed),
      plan: BatchPlan(
        globalBatch: batch, microbatch: batch, leaves: 0..<1, firstStep: 0, lastStep: buffers + count),
      transform: ImageTransform(
        output: input, augmentation: varied,
        normalization: InputPipeline.normalization(channels: input.channels, set)),
      seed: seed, threads: threads, buffers: buffers)
    let run = try LoaderRun(loader, of: set, uncounted: buffers, batches: count)
    let report = Report(
      data: data, encoding: set.encoding == .jpeg ? "jpeg" : "raw", augmentation: augmentation.rawValue,
      input_channels: input.channels, input_height: input.height, input_width: input.width, batch: batch,
      threads: threads, batches: count,
      images: run.images, images_per_second: run.imagesPerSecond.median, slowest: run.imagesPerSecond.least,
      fastest: run.imagesPerSecond.greatest, seconds: run.seconds,
      megabytes_per_second: Double(run.bytes) / run.seconds * 1e-6,
      cpu_seconds_per_image: run.cpuSeconds / Double(run.images))
    if json { return try printJSON(report) }
    print(
      """
      \(report.encoding) to \(input), batch \(batch), \(augmentation), \(threads) threads: \
      \(fixed(report.images_per_second, 1)) images/s \
      (\(fixed(report.slowest, 1)) to \(fixed(report.fastest, 1))), \
      \(fixed(report.megabytes_per_second, 1)) MB/s read, \
      \(fixed(report.cpu_seconds_per_image * 1e3, 3)) ms of processor per image
      """)
  }

  /// Of as many channels as the shards have.
  private func input(of set: ShardSet) -> Shape {
    let stored =
      if case .raw(let shape) = set.encoding { shape } else { Shape(channels: 3, height: 224, width: 224) }
    guard let inputSize else { return stored }
    return Shape(channels: stored.channels, height: inputSize, width: inputSize)
  }
}
