import CHDF5

/// The element types that are read and written, always little endian in the file.
public enum ScalarType: String, Sendable, CaseIterable, CustomStringConvertible {
  case uint8, int32, uint32, uint64

  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .int32, .uint32: 4
    case .uint64: 8
    }
  }

  public var description: String { rawValue }

  var code: chdf5_scalar {
    switch self {
    case .uint8: CHDF5_U8
    case .int32: CHDF5_I32
    case .uint32: CHDF5_U32
    case .uint64: CHDF5_U64
    }
  }
}

/// A Swift type that can be an element of a dataset.
public protocol Scalar: BitwiseCopyable, Sendable {
  static var scalarType: ScalarType { get }
  static var zero: Self { get }
}

extension UInt8: Scalar { public static var scalarType: ScalarType { .uint8 } }
extension Int32: Scalar { public static var scalarType: ScalarType { .int32 } }
extension UInt32: Scalar { public static var scalarType: ScalarType { .uint32 } }
extension UInt64: Scalar { public static var scalarType: ScalarType { .uint64 } }
