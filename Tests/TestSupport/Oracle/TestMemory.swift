/// The guarded memory of one run of a kernel or layer: inputs, outputs and workspace, each of its exact size.
public final class TestMemory {
  private var inputs: [(buffer: GuardedFloats, values: [Float])] = []
  private var outputs: [GuardedFloats] = []
  private var workspaces: [GuardedFloats] = []

  public init() {}

  /// Values that must not change.
  public func input(_ values: [Float]) -> UnsafePointer<Float> {
    let buffer = GuardedFloats(values)
    inputs.append((buffer, values))
    return buffer.constant
  }

  /// Values that must not change, padded with zeros.
  public func input(_ values: [Double], paddedTo count: Int) -> UnsafePointer<Float> {
    input(values.floats + [Float](repeating: 0, count: count - values.count))
  }

  /// Whole numbers that must not change.
  public func input(_ values: [Int32]) -> UnsafePointer<Int32> {
    let floats = input(values.map { Float(bitPattern: UInt32(bitPattern: $0)) })
    return UnsafeRawPointer(floats).assumingMemoryBound(to: Int32.self)
  }

  /// A result, without values yet.
  public func output(_ count: Int) -> UnsafeMutablePointer<Float> {
    outputs.append(GuardedFloats(count: count))
    return outputs[outputs.count - 1].floats
  }

  /// A result that begins with `values`.
  public func output(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    outputs.append(GuardedFloats(values))
    return outputs[outputs.count - 1].floats
  }

  /// Memory whose values nobody may rely on, before or after.
  public func workspace(_ count: Int) -> UnsafeMutablePointer<Float> {
    workspaces.append(GuardedFloats(count: count))
    return workspaces[workspaces.count - 1].floats
  }

  /// All results, in the order in which they were asked for.
  public var results: [[Float]] { outputs.map(\.values) }

  /// What was touched that must not be.
  public var faults: [String] {
    var faults: [String] = []
    for (index, input) in inputs.enumerated() {
      if !input.buffer.isIntact { faults.append("wrote outside input \(index)") }
      if input.buffer.values.bits != input.values.bits { faults.append("changed input \(index)") }
    }
    for (index, output) in outputs.enumerated() where !output.isIntact {
      faults.append("wrote outside output \(index)")
    }
    for (index, space) in workspaces.enumerated() where !space.isIntact {
      faults.append("wrote outside workspace \(index)")
    }
    return faults
  }
}
