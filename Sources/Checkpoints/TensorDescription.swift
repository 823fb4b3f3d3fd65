/// What a stored tensor is: its name, the type of its elements, and its shape, outermost axis first.
///
/// A scalar has the shape `[]`. Elements lie in row-major order, little-endian.
public struct TensorDescription: Hashable, Sendable, Codable {
  public let name: String
  public let type: ElementType
  public let shape: [Int]

  /// Traps on a name or shape that may not be stored.
  public init(_ name: String, _ type: ElementType = .float32, shape: [Int]) {
    precondition(Self.isAllowed(name: name), "\"\(name)\" is no name for a tensor.")
    precondition(Self.bytes(of: type, shape) != nil, "The shape \(shape) is too large or negative.")
    self.name = name
    self.type = type
    self.shape = shape
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// The number of bytes.
  public var bytes: Int { count * type.bytes }
  /// The length of the outermost axis; 1 for a scalar.
  public var rows: Int { shape.first ?? 1 }
  /// The number of bytes of one index of the outermost axis.
  public var rowBytes: Int { shape.dropFirst().reduce(type.bytes, *) }
}

extension TensorDescription: CustomStringConvertible {
  public var description: String { "\(name): \(type.rawValue) \(shape)" }
}

extension TensorDescription {
  /// Letters, digits and `_ . - :` after a letter, digit or underscore, at most 512 bytes and without "..": what
  /// PyTorch's module paths need, and nothing that could be taken for a path, a blank or another name's twin.
  static func isAllowed(name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, bytes.count <= 512, isWord(first) else { return false }
    guard bytes.allSatisfy({ isWord($0) || ".-:".utf8.contains($0) }) else { return false }
    return !zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
  }

  /// The bytes of a tensor; nil when an axis is negative or the product overflows, even beside an axis of length 0.
  static func bytes(of type: ElementType, _ shape: [Int]) -> Int? {
    var bytes = type.bytes
    for axis in shape where axis != 0 {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: axis)
      guard axis > 0, !overflows else { return nil }
      bytes = product
    }
    return shape.contains(0) ? 0 : bytes
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
