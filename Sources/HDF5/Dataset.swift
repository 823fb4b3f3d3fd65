import CHDF5

/// A contiguous array of scalars in an HDF5 file.
public struct Dataset: ~Copyable {
  private let identifier: Identifier
  /// The path and the file, for messages.
  public let name: String
  public let shape: [Int]
  public let type: ScalarType
  /// Where the first byte lies in the file, for `pread`: 0 for a dataset without elements or one being written.
  public let offset: Int

  init(identifier: consuming Identifier, name: String, shape: [Int], type: ScalarType, offset: Int) {
    self.identifier = identifier
    self.name = name
    self.shape = shape
    self.type = type
    self.offset = offset
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  public var byteCount: Int { count * type.byteCount }
  /// The number of elements of one row of the first axis.
  public var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// All elements, in row-major order.
  ///
  /// `Element` must be the stored type.
  public borrowing func read<Element: Scalar>(as element: Element.Type = Element.self) throws(HDF5Error) -> [Element] {
    var elements = [Element](repeating: .zero, count: count)
    var span = elements.mutableSpan
    try read(rows: 0..<shape[0], into: &span)
    return elements
  }

  /// Reads rows of the first axis into `destination`, which must hold exactly that many elements.
  public borrowing func read<Element: Scalar>(
    rows: Range<Int>, into destination: inout MutableSpan<Element>
  ) throws(HDF5Error) {
    let action = "read \(name)"
    try require(Element.scalarType, action)
    precondition(destination.count == rows.count * rowCount, "The destination does not match the rows.")
    guard destination.count > 0 else { return }
    let selection = try Selection(rows: rows, of: shape, action)
    let raw = identifier.raw
    let code = type.code
    _ = try destination.withUnsafeMutableBufferPointer { (elements) throws(HDF5Error) in
      try Library.call(action) {
        H5Dread(raw, chdf5_memory_type(code), selection.memory.raw, selection.file.raw, 0, elements.baseAddress)
      }
    }
  }

  /// Writes rows of the first axis.
  ///
  /// `Element` must be the stored type.
  public borrowing func write<Element: Scalar>(
    rows: Range<Int>, from source: Span<Element>
  ) throws(HDF5Error) {
    let action = "write \(name)"
    try require(Element.scalarType, action)
    precondition(source.count == rows.count * rowCount, "The source does not match the rows.")
    guard source.count > 0 else { return }
    let selection = try Selection(rows: rows, of: shape, action)
    let raw = identifier.raw
    let code = type.code
    _ = try source.withUnsafeBufferPointer { (elements) throws(HDF5Error) in
      try Library.call(action) {
        H5Dwrite(raw, chdf5_memory_type(code), selection.memory.raw, selection.file.raw, 0, elements.baseAddress)
      }
    }
  }

  private borrowing func require(_ wanted: ScalarType, _ action: String) throws(HDF5Error) {
    guard type == wanted else { throw HDF5Error("Could not \(action): its elements are \(type), not \(wanted).") }
  }
}

/// Some rows of a dataset, as the library wants to hear it: a part of the file and a block of memory.
private struct Selection: ~Copyable {
  let file: Identifier
  let memory: Identifier

  init(rows: Range<Int>, of shape: [Int], _ action: String) throws(HDF5Error) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= shape[0], "Rows \(rows) of \(shape[0]).")
    let extent = shape.map(hsize_t.init)
    var start = [hsize_t](repeating: 0, count: shape.count)
    start[0] = hsize_t(rows.lowerBound)
    var part = extent
    part[0] = hsize_t(rows.count)
    let rank = CInt(shape.count)
    let whole = try Identifier(action) { H5Screate_simple(rank, extent, nil) }
    let block = try Identifier(action) { H5Screate_simple(rank, part, nil) }
    try Library.call(action) { H5Sselect_hyperslab(whole.raw, H5S_SELECT_SET, start, nil, part, nil) }
    file = whole
    memory = block
  }
}
