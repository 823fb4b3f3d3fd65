import CXXHash

/// The hash that names a set of weights: XXH3-128 of their bytes in the order of `model.safetensors`.
///
/// So it is the hash of all that follows the header of that file, and any tool can check it.
public struct WeightsHash: ~Copyable {
  private let state: OpaquePointer

  public init() {
    guard let state = XXH3_createState() else { fatalError("Could not allocate a hash state: out of memory.") }
    XXH3_128bits_reset(state)
    self.state = state
  }

  deinit { XXH3_freeState(state) }

  /// Continues the hash over `bytes`.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    XXH3_128bits_update(state, start, bytes.count)
  }

  /// The hash of all bytes so far: 32 hexadecimal digits, as `xxhsum -H2` prints them.
  public func hexadecimal() -> String {
    let hash = XXH3_128bits_digest(state)
    return hash.high64.hexadecimal + hash.low64.hexadecimal
  }

  /// The hash of tensors as `CheckpointStore.save` would write them; nothing is written.
  public static func of(_ tensors: [TensorSource]) -> String {
    var hash = WeightsHash()
    TensorStream(tensors).forEachPiece { hash.update($0) }
    return hash.hexadecimal()
  }
}

extension FixedWidthInteger {
  /// All digits in base 16, with leading zeros.
  var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}
