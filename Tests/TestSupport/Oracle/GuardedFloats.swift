/// Floats between two guard zones of a NaN pattern: what a kernel writes outside its memory shows.
///
/// The floats themselves begin with the pattern too, unless values are given: what a kernel reads before it wrote it,
/// or forgets to write, shows in its results.
public final class GuardedFloats {
  public static let pattern: UInt32 = 0x7FC0_DEAD
  private static let zone = 128

  public let count: Int
  private let memory: UnsafeMutablePointer<Float>

  public init(count: Int) {
    self.count = count
    let bytes = (count + 2 * Self.zone) * MemoryLayout<Float>.stride
    let raw = KernelRecording.requested?.memory.allocate(bytes: bytes) ?? .allocate(byteCount: bytes, alignment: 64)
    memory = raw.bindMemory(to: Float.self, capacity: count + 2 * Self.zone)
    memory.initialize(repeating: Float(bitPattern: Self.pattern), count: count + 2 * Self.zone)
  }

  public convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (index, value) in values.enumerated() { floats[index] = value }
  }

  /// Doubles that are floats, padded with zeros to `count`.
  public convenience init(_ values: [Double], paddedTo count: Int) {
    self.init(values.floats + [Float](repeating: 0, count: count - values.count))
  }

  deinit {
    if let recording = KernelRecording.requested { recording.forget(memory) } else { memory.deallocate() }
  }

  public var floats: UnsafeMutablePointer<Float> { memory + Self.zone }
  public var constant: UnsafePointer<Float> { UnsafePointer(floats) }
  public var values: [Float] { Array(UnsafeBufferPointer(start: floats, count: count)) }

  /// Whether both guard zones still hold the pattern.
  public var isIntact: Bool {
    (0..<Self.zone).allSatisfy {
      memory[$0].bitPattern == Self.pattern && memory[Self.zone + count + $0].bitPattern == Self.pattern
    }
  }
}
