/// Compares the elements of two tensors piece by piece.
struct ElementComparison {
  private var differing = 0
  private var greatest: Double? = 0

  static func compare(
    _ tensor: TensorDescription, _ first: borrowing SafetensorsFile, _ second: borrowing SafetensorsFile
  ) throws(CheckpointError) -> TensorDifference {
    var comparison = ElementComparison()
    if tensor.bytes > 0 {
      let rows = max(1, (4 << 20) / tensor.rowBytes)
      let bytes = min(rows, tensor.rows) * tensor.rowBytes
      let left = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
      let right = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
      defer {
        left.deallocate()
        right.deallocate()
      }
      for start in stride(from: 0, to: tensor.rows, by: rows) {
        let range = start..<min(start + rows, tensor.rows)
        let used = range.count * tensor.rowBytes
        try first.read(tensor.name, rows: range, into: UnsafeMutableRawBufferPointer(rebasing: left[..<used]))
        try second.read(tensor.name, rows: range, into: UnsafeMutableRawBufferPointer(rebasing: right[..<used]))
        comparison.add(
          tensor.type, UnsafeRawBufferPointer(rebasing: left[..<used]),
          UnsafeRawBufferPointer(rebasing: right[..<used]))
      }
    }
    return TensorDifference(name: tensor.name, differing: comparison.differing, greatest: comparison.greatest)
  }

  private mutating func add(_ type: ElementType, _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) {
    switch type {
    case .bool, .uint8: addIntegers(UInt8.self, left, right)
    case .int8: addIntegers(Int8.self, left, right)
    case .int16: addIntegers(Int16.self, left, right)
    case .uint16: addIntegers(UInt16.self, left, right)
    case .int32: addIntegers(Int32.self, left, right)
    case .uint32: addIntegers(UInt32.self, left, right)
    case .int64: addIntegers(Int64.self, left, right)
    case .uint64: addIntegers(UInt64.self, left, right)
    case .float16: addFloats(UInt16.self, left, right) { Double(Float16(bitPattern: $0)) }
    case .bfloat16: addFloats(UInt16.self, left, right) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: addFloats(UInt32.self, left, right) { Double(Float(bitPattern: $0)) }
    case .float64: addFloats(UInt64.self, left, right) { Double(bitPattern: $0) }
    case .float8E5M2, .float8E4M3:
      addIntegers(UInt8.self, left, right)
      greatest = nil
    }
  }

  private mutating func addIntegers<Element: FixedWidthInteger>(
    _ type: Element.Type, _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) {
    for (a, b) in zip(left.bindMemory(to: type), right.bindMemory(to: type)) where a != b {
      let a = Element(littleEndian: a)
      let b = Element(littleEndian: b)
      note(Double(UInt64(truncatingIfNeeded: max(a, b)) &- UInt64(truncatingIfNeeded: min(a, b))))
    }
  }

  private mutating func addFloats<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ value: (Bits) -> Double
  ) {
    for (a, b) in zip(left.bindMemory(to: type), right.bindMemory(to: type)) where a != b {
      let difference = abs(value(Bits(littleEndian: a)) - value(Bits(littleEndian: b)))
      note(difference.isNaN ? .infinity : difference)
    }
  }

  private mutating func note(_ difference: Double) {
    differing += 1
    greatest = greatest.map { max($0, difference) }
  }
}
