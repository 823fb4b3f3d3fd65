/// A tensor to be stored: what it is, and how to get its elements a few rows at a time.
public struct TensorSource {
  public let description: TensorDescription
  let fill: (Range<Int>, UnsafeMutableRawBufferPointer) -> Void

  /// `fill` gets a range of indices of the outermost axis (`0..<1` for a scalar) and a buffer for exactly these rows.
  ///
  /// It must write every byte. It is called in ascending order of rows, with about 4 MiB at a time, so that large
  /// tensors are never copied whole. The buffer is aligned for the type of the elements.
  public init(
    _ description: TensorDescription,
    fill: @escaping (_ rows: Range<Int>, _ buffer: UnsafeMutableRawBufferPointer) -> Void
  ) {
    self.description = description
    self.fill = fill
  }

  /// A tensor whose elements lie at `elements` as they are to be stored, and stay there until they are.
  public init(_ description: TensorDescription, copying elements: UnsafeRawBufferPointer) {
    precondition(elements.count == description.bytes, "\(description) does not have \(elements.count) bytes.")
    let rowBytes = description.rowBytes
    self.init(description) { rows, buffer in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: elements[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]))
    }
  }

  /// One 64-bit integer, such as PyTorch's `num_batches_tracked`.
  public init(_ name: String, scalar: Int64) {
    self.init(TensorDescription(name, .int64, shape: [])) { _, buffer in
      buffer.storeBytes(of: scalar.littleEndian, as: Int64.self)
    }
  }
}
