import CHDF5

extension File {
  /// Writes an integer attribute of the root group (stored as a 64-bit integer).
  public borrowing func setAttribute(_ name: String, to value: Int) throws(HDF5Error) {
    let raw = identifier.raw
    let action = "write attribute \"\(name)\" of \(path)"
    let space = try Identifier(action) { H5Screate(H5S_SCALAR) }
    let attribute = try Identifier(action) { H5Acreate2(raw, name, chdf5_int64_stored_type(), space.raw, 0, 0) }
    var value = Int64(value)
    try Library.call(action) { H5Awrite(attribute.raw, chdf5_int64_memory_type(), &value) }
  }

  /// Writes a text attribute of the root group (fixed length, UTF-8).
  public borrowing func setAttribute(_ name: String, to value: String) throws(HDF5Error) {
    let raw = identifier.raw
    let action = "write attribute \"\(name)\" of \(path)"
    let bytes = value.utf8.isEmpty ? [0] : Array(value.utf8)
    let type = try fixedStringType(byteCount: bytes.count, action)
    let space = try Identifier(action) { H5Screate(H5S_SCALAR) }
    let attribute = try Identifier(action) { H5Acreate2(raw, name, type.raw, space.raw, 0, 0) }
    try Library.call(action) { bytes.withUnsafeBytes { H5Awrite(attribute.raw, type.raw, $0.baseAddress) } }
  }

  /// An integer attribute of the root group.
  public borrowing func integerAttribute(_ name: String) throws(HDF5Error) -> Int {
    let action = "read attribute \"\(name)\" of \(path)"
    let attribute = try openAttribute(name, action)
    let type = try Identifier(action) { H5Aget_type(attribute.raw) }
    guard Library.run({ H5Tget_class(type.raw) }) == H5T_INTEGER, Library.run({ H5Tget_size(type.raw) }) <= 8 else {
      throw HDF5Error("Could not \(action): it is not an integer.")
    }
    var value: Int64 = 0
    try Library.call(action) { H5Aread(attribute.raw, chdf5_int64_memory_type(), &value) }
    return Int(value)
  }

  /// A text attribute of the root group, of fixed length.
  public borrowing func stringAttribute(_ name: String) throws(HDF5Error) -> String {
    let action = "read attribute \"\(name)\" of \(path)"
    let attribute = try openAttribute(name, action)
    let type = try Identifier(action) { H5Aget_type(attribute.raw) }
    let byteCount = try fixedStringByteCount(of: type, action)
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try Library.call(action) { bytes.withUnsafeMutableBytes { H5Aread(attribute.raw, type.raw, $0.baseAddress) } }
    return String(trimming: bytes[...])
  }

  /// Opens a root attribute that holds one element.
  private borrowing func openAttribute(_ name: String, _ action: String) throws(HDF5Error) -> Identifier {
    let raw = identifier.raw
    guard try Library.call(action, { H5Aexists(raw, name) }) > 0 else {
      throw HDF5Error("Could not \(action): there is no such attribute.")
    }
    let attribute = try Identifier(action) { H5Aopen(raw, name, 0) }
    let space = try Identifier(action) { H5Aget_space(attribute.raw) }
    guard try Library.call(action, { H5Sget_simple_extent_npoints(space.raw) }) == 1 else {
      throw HDF5Error("Could not \(action): it is not a single value.")
    }
    return attribute
  }
}
