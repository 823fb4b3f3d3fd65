/// Tensors in the order of a safetensors file, and their bytes as one stream through one buffer.
struct TensorStream {
  /// The tensors, in file order.
  let sources: [TensorSource]
  private static let bufferBytes = 4 << 20

  /// Traps if two tensors have one name.
  init(_ sources: [TensorSource]) {
    self.sources = sources.sorted { $0.description.precedes($1.description) }
    let names = Set(sources.map(\.description.name))
    precondition(names.count == sources.count, "Two tensors of a checkpoint have the same name.")
  }

  var descriptions: [TensorDescription] { sources.map(\.description) }

  /// Gives all bytes of all tensors to `body`, in pieces.
  func forEachPiece<Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let largestRow = sources.lazy.map(\.description.rowBytes).max() ?? 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(Self.bufferBytes, largestRow), alignment: 64)
    defer { buffer.deallocate() }
    // Types come in descending alignment and pieces are whole elements, so every position is aligned for its tensor.
    var filled = 0
    for source in sources where source.description.bytes > 0 {
      let rowBytes = source.description.rowBytes
      var row = 0
      while row < source.description.rows {
        let count = min(source.description.rows - row, (buffer.count - filled) / rowBytes)
        if count > 0 {
          source.fill(
            row..<row + count,
            UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count * rowBytes]))
          row += count
          filled += count * rowBytes
        } else {
          try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
          filled = 0
        }
      }
    }
    if filled > 0 { try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled])) }
  }
}

extension TensorDescription {
  /// Whether this tensor comes first in a file: by type, the widest first, then by the bytes of the name.
  func precedes(_ other: TensorDescription) -> Bool {
    if type != other.type { return type.order > other.type.order }
    return name.utf8.lexicographicallyPrecedes(other.name.utf8)
  }
}
