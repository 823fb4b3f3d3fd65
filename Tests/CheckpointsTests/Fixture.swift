import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// A small run: what it saves at a step is a function of the step.
enum Fixture {
  static let model = [
    TensorDescription("conv.weight", shape: [4, 3, 3, 3]),
    TensorDescription("bn.num_batches_tracked", .int64, shape: []),
    TensorDescription("fc.bias", shape: [2]),
  ]
  static let optimizer = [TensorDescription("conv.weight", shape: [4, 3, 3, 3])]

  /// The bytes of a tensor at a step.
  static func bytes(of tensor: TensorDescription, step: Int) -> [UInt8] {
    let salt = step &* 31 &+ tensor.name.utf8.reduce(0) { $0 &* 7 &+ Int($1) }
    return (0..<tensor.bytes).map { UInt8(truncatingIfNeeded: ($0 &+ salt) &* 0x9E37_79B1 >> 11) & 0x3F }
  }

  static func sources(_ tensors: [TensorDescription], step: Int) -> [TensorSource] {
    tensors.map { tensor in
      let bytes = bytes(of: tensor, step: step)
      return TensorSource(tensor) { rows, buffer in
        buffer.copyBytes(from: bytes[rows.lowerBound * tensor.rowBytes..<rows.upperBound * tensor.rowBytes])
      }
    }
  }

  static func state(step: Int, metrics: [String: Double] = [:]) -> CheckpointState {
    CheckpointState(
      step: step, epoch: Double(step) / 7, samplesSeen: step * 128, seed: .max, model: "resnet20",
      dataIdentity: "c0ffee00", configuration: "model: {name: resnet20}\n# \"quoted\", ünïcode\n", metrics: metrics,
      worldSize: 2, createdBy: "convoy test")
  }

  @discardableResult
  static func save(
    _ step: Int, in store: CheckpointStore, metrics: [String: Double] = [:]
  ) throws -> CheckpointStore.Saved {
    try store.save(
      model: sources(model, step: step), optimizer: sources(optimizer, step: step),
      state: state(step: step, metrics: metrics))
  }

  /// The step of the checkpoint that a resuming run would use; a broken one is an issue unless `report` says else.
  static func latestStep(
    _ store: CheckpointStore, report: (CheckpointError) -> Void = { Issue.record($0) }
  ) throws -> Int? {
    guard let checkpoint = try store.latestValid(report: report) else { return nil }
    return checkpoint.state.step
  }

  /// Whether a checkpoint holds what `save` put there at `step`.
  static func isWhole(_ checkpoint: borrowing Checkpoint, step: Int) throws -> Bool {
    let expected = state(step: step, metrics: checkpoint.state.metrics)
    return try checkpoint.state.matches(expected)
      && checkpoint.state.weightsHash == WeightsHash.of(sources(model, step: step))
      && holds(checkpoint.model, model, step: step)
      && holds(checkpoint.optimizer, optimizer, step: step)
  }

  static func holds(
    _ file: borrowing SafetensorsFile, _ tensors: [TensorDescription], step: Int
  ) throws -> Bool {
    guard Set(file.tensors) == Set(tensors) else { return false }
    for tensor in tensors {
      if try read(tensor.name, from: file) != bytes(of: tensor, step: step) { return false }
    }
    return true
  }

  static func read(_ name: String, from file: borrowing SafetensorsFile) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: file.description(of: name)?.bytes ?? 0)
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { buffer in try file.read(name, into: buffer) }
    return bytes
  }
}

extension CheckpointState {
  /// Whether both are equal but for the hash of the weights.
  func matches(_ other: CheckpointState) -> Bool {
    let facts = (step, epoch, samplesSeen, seed, model)
    let otherFacts = (other.step, other.epoch, other.samplesSeen, other.seed, other.model)
    return facts == otherFacts && dataIdentity == other.dataIdentity && configuration == other.configuration
      && metrics == other.metrics && worldSize == other.worldSize && createdBy == other.createdBy
  }
}
