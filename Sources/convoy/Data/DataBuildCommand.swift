import ArgumentParser
import Shards
import Training

/// `convoy data build`: from a folder of images to shards.
struct DataBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Turns a tree of images, one folder per class, into shards.",
    discussion: "Classes are numbered in the order of their folders' names. JPEG and PNG files are taken.")

  @Option(help: "The folder of class folders.", completion: .directory)
  var input: String

  @Option(help: "Names of the classes: lines of a folder's name and the class's, such as synset_words.txt.")
  var labels: String?

  @Option(help: "The folder of the shards, made if need be.", completion: .directory)
  var output: String

  @Option(help: "The name of the split.")
  var split = "train"

  @Option(help: "jpeg keeps the files' bytes; raw:SIZE stores SIZE × SIZE pixels, ready for training.")
  var encode = "jpeg"

  @Option(help: "About how large each shard becomes, for example 512MB.")
  var shardSize = "512MB"

  @Flag(help: "Leave unreadable images out instead of failing.")
  var skipBad = false

  @Flag(help: "Replace the shards that are there.")
  var overwrite = false

  @OptionGroup var work: WorkOptions

  func run() throws {
    guard let encoding = ShardBuild.Encoding(encode) else {
      throw ValidationError("--encode \"\(encode)\" is neither jpeg nor raw:SIZE, such as raw:32.")
    }
    let report = try ShardBuild(
      input: input, labelsFile: labels, output: output, split: split, encoding: encoding,
      shardByteCount: try byteCount(shardSize), threads: work.threadCount, skipsUnreadable: skipBad,
      overwrites: overwrite
    ).run(progress: work.progress("build"))
    for image in report.unreadable { print("skipped \(image.path): \(image.reason)") }
    var line =
      "\(report.index.samples) images of \(report.index.schema.classes.count) classes in \(report.index.shards.count) "
      + "shards, \(readableBytes(report.index.bytes))"
    if report.reencoded > 0 { line += ", \(report.reencoded) encoded anew" }
    if !report.unreadable.isEmpty { line += ", \(report.unreadable.count) unreadable skipped" }
    if report.ignoredFiles > 0 { line += ", \(report.ignoredFiles) other files ignored" }
    print(line)
  }
}

/// "512MB", "64KiB", "1.5GB" or plain bytes.
func byteCount(_ text: String) throws -> Int {
  let units: [(String, Double)] = [
    ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
  ]
  for (suffix, factor) in units where text.uppercased().hasSuffix(suffix.uppercased()) {
    if let number = Double(text.dropLast(suffix.count)), number > 0, number * factor < 1e15 {
      return Int(number * factor)
    }
  }
  throw ValidationError("\"\(text)\" is no size; write for example 512MB.")
}
