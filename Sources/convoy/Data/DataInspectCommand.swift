import ArgumentParser
import Shards
import Training

/// `convoy data inspect`: what shards hold.
struct DataInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Prints what a folder of shards, or one shard, holds.")

  @Argument(help: "A folder of shards, or one shard.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let inspection = try ShardInspection(path)
    if json { return try printJSON(inspection) }
    print(inspection.description)
  }
}

/// `convoy data verify`: reads every byte.
struct DataVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Reads every byte of a set of shards and lists everything that is wrong.")

  @Argument(help: "A folder of shards, or one shard.")
  var path: String

  @Flag(help: "Decode every JPEG too.")
  var decode = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var work: WorkOptions

  func run() throws {
    let verification = ShardVerification(path: path, decodes: decode, threads: work.threadCount)
    let report = try json ? verification.run() : verification.run(progress: work.progress("verify"))
    if json {
      try printJSON(report)
    } else {
      for problem in report.problems { print(problem.description) }
      let verdict = report.isSound ? "all sound" : "\(report.problems.count) problems"
      print("\(report.shards) shards, \(report.samples) images, \(readableBytes(report.bytes)): \(verdict)")
    }
    if !report.isSound { throw ExitCode(FailureKind.badData.rawValue) }
  }
}
