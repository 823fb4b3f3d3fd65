import ArgumentParser
import Checkpoints
import Configuration
import Files
import Training

/// `convoy checkpoint`: looks after the checkpoints of a run.
struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Lists, looks into, verifies, compares and prunes checkpoints.",
    subcommands: [
      ListCommand.self, InspectCommand.self, VerifyCommand.self, DiffCommand.self, PruneCommand.self,
    ])

  /// The store of a run directory, or of a folder of checkpoints.
  static func store(_ path: String) throws -> CheckpointStore {
    try requireFolder(path)
    let ofRun = CheckpointStore(reading: path + "/checkpoints")
    return try ofRun.list().isEmpty ? CheckpointStore(reading: path) : ofRun
  }

  private static func requireFolder(_ path: String) throws {
    guard FileSystem.entry(at: path) != nil else {
      throw TrainingError(.missing, "There is no \(path); give a run directory.")
    }
  }

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the checkpoints of a run directory.")

    @Argument(help: "A run directory.") var path: String
    @Flag(help: "Print JSON.") var json = false

    private struct Row: Encodable {
      let step: Int
      let path: String
      let epoch: Double?
      let weightsHash: String?
      let metrics: [String: Double]
      let bytes: Int?
      let problem: String?
    }

    func run() throws {
      let store = try CheckpointCommand.store(path)
      let rows = try store.list().map { entry -> Row in
        do {
          let checkpoint = try store.load(entry)
          let state = checkpoint.state
          return Row(
            step: entry.step, path: entry.path, epoch: state.epoch, weightsHash: state.weightsHash,
            metrics: state.metrics, bytes: checkpoint.bytes, problem: nil)
        } catch {
          return Row(
            step: entry.step, path: entry.path, epoch: nil, weightsHash: nil, metrics: [:], bytes: nil,
            problem: "\(error)")
        }
      }
      if json { return try printJSON(rows) }
      guard !rows.isEmpty else { return print("no checkpoints in \(path)") }
      let lines = rows.map { row -> [String] in
        let epoch = row.epoch.map { "\(($0 * 100).rounded() / 100)" } ?? ""
        let top1 = row.metrics["top1"].map { "\($0)" } ?? ""
        let size = row.bytes.map(readableBytes) ?? ""
        return ["\(row.step)", epoch, top1, size, row.problem ?? row.weightsHash ?? ""]
      }
      print(TextTable(rows: [["step", "epoch", "top1", "size", "weights"]] + lines, rightAligned: [0, 1, 2, 3]).text)
    }
  }

  struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Prints a checkpoint's state and tensors.")

    @Argument(help: "A checkpoint.") var path: String
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
      let state: CheckpointState
      let model: [TensorDescription]
      let optimizer: [TensorDescription]
    }

    func run() throws {
      let checkpoint = try Checkpoint(path)
      let report = Report(
        state: checkpoint.state, model: checkpoint.model.tensors, optimizer: checkpoint.optimizer.tensors)
      if json { return try printJSON(report) }
      let state = report.state
      print(
        """
        \(state.model), step \(state.step), epoch \(state.epoch), seed \(state.seed), \(state.worldSize) ranks, by \
        \(state.createdBy)
        weights \(state.weightsHash), data \(state.dataIdentity), \(readableBytes(checkpoint.bytes))
        """)
      for tensor in report.model { print("  \(tensor)") }
    }
  }

  struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Reads every byte of checkpoints and checks it.")

    @Argument(help: "A checkpoint, or a run directory for all of its checkpoints.") var path: String

    func run() throws {
      let store = try CheckpointCommand.store(path)
      let entries = try store.list()
      guard !entries.isEmpty else {
        let checkpoint = try Checkpoint(path)
        return print("\(path): sound, weights \(checkpoint.state.weightsHash)")
      }
      var broken = false
      for entry in entries {
        do {
          let checkpoint = try store.load(entry)
          print("\(entry.path): sound, weights \(checkpoint.state.weightsHash)")
        } catch {
          broken = true
          print("\(error)")
        }
      }
      if broken { throw ExitCode(FailureKind.badData.rawValue) }
    }
  }

  struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "Compares the tensors of two checkpoints; exit code 1 if they differ.")

    @Argument(help: "A checkpoint.") var first: String
    @Argument(help: "Another.") var second: String

    func run() throws {
      let difference = try CheckpointDifference(Checkpoint(first), Checkpoint(second))
      for (name, file) in [("model", difference.model), ("optimizer", difference.optimizer)] {
        if !file.match.isPerfect { print("\(name): \(file.match)") }
        for tensor in file.tensors where tensor.differing > 0 {
          let greatest = tensor.greatest.map { ", at most by \($0)" } ?? ""
          print("\(name): \(tensor.name) differs in \(tensor.differing) elements\(greatest)")
        }
      }
      guard difference.isEmpty else { throw ExitCode(1) }
      print("equal")
    }
  }

  struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prune", abstract: "Removes old checkpoints; never the newest sound ones, never the best.")

    /// A measure, or "none".
    struct KeptBest: ExpressibleByArgument {
      static let allValueStrings = RunConfiguration.Checkpoint.Measure.allCases.map(\.rawValue) + ["none"]
      let measure: RunConfiguration.Checkpoint.Measure?

      init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        measure = RunConfiguration.Checkpoint.Measure(rawValue: argument)
      }
    }

    @Argument(help: "A run directory.") var path: String
    @Option(help: "How many of the newest stay.") var keepLast = 3
    @Option(help: "The measure whose best checkpoint stays too; by default the run's checkpoint.keepBest.")
    var keepBest: KeptBest?

    func run() throws {
      guard keepLast > 0 else { throw ValidationError("--keep-last must be at least 1.") }
      try CheckpointCommand.requireFolder(path)
      let store = try CheckpointStore(writing: path + "/checkpoints")
      let measure = try keepBest.map(\.measure) ?? Self.measure(of: store)
      let removed = try store.prune(keepLast: keepLast, keepBest: measure.map { BestRule($0) })
      print(removed.isEmpty ? "nothing to remove" : "removed steps \(removed.map(String.init).joined(separator: ", "))")
    }

    /// By what the run itself keeps its best checkpoint, as the newest sound one says.
    private static func measure(of store: CheckpointStore) throws -> RunConfiguration.Checkpoint.Measure? {
      guard let newest = try store.latestValid(report: { _ in }) else { return nil }
      return try RunConfiguration(yaml: newest.state.configuration, name: newest.path + "/state.json")
        .checkpoint.keepBest
    }
  }
}
