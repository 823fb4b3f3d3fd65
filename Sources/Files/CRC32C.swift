import CProcessor

/// The CRC-32C checksum (Castagnoli), as iSCSI, TensorBoard and ext4 use it.
public struct CRC32C: Sendable {
  public private(set) var value: UInt32 = 0

  public init() {}

  /// Continues the checksum over `bytes`.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    value = cprocessor_crc32c(value, base, bytes.count)
  }

  /// The checksum of `bytes`.
  public static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }
}
