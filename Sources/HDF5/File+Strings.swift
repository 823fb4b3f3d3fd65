import CHDF5

/// Longer text is refused when read: names of classes and splits are short, and a file may claim any length.
private let longestStringByteCount = 65_536

extension File {
  /// Writes a one-dimensional dataset of text, of one fixed length, padded with zeros (UTF-8).
  public borrowing func writeStrings(_ strings: [String], to path: String) throws(HDF5Error) {
    let action = "write \"\(path)\" of \(self.path)"
    let length = max(1, strings.lazy.map(\.utf8.count).max() ?? 1)
    var bytes = [UInt8](repeating: 0, count: strings.count * length)
    for (row, string) in strings.enumerated() {
      for (column, byte) in string.utf8.enumerated() { bytes[row * length + column] = byte }
    }
    let raw = identifier.raw
    let type = try fixedStringType(byteCount: length, action)
    let space = try dataspace([strings.count], action)
    let creation = try contiguousCreation(action)
    let dataset = try Identifier(action) { H5Dcreate2(raw, path, type.raw, space.raw, 0, creation.raw, 0) }
    guard !strings.isEmpty else { return }
    try Library.call(action) {
      bytes.withUnsafeBytes { H5Dwrite(dataset.raw, type.raw, 0, 0, 0, $0.baseAddress) }
    }
  }

  /// Reads a one-dimensional dataset of text of fixed length.
  public borrowing func strings(at path: String) throws(HDF5Error) -> [String] {
    let action = "read \"\(path)\" of \(self.path)"
    let dataset = try openUntrusted(path)
    let type = try Identifier(action) { H5Dget_type(dataset.raw) }
    let length = try fixedStringByteCount(of: type, action)
    let shape = try extent(of: dataset, action)
    guard shape.count == 1 else { throw HDF5Error("Could not \(action): it has \(shape.count) dimensions, not 1.") }
    _ = try storage(of: dataset, shape: shape, elementByteCount: length, action)
    var bytes = [UInt8](repeating: 0, count: shape[0] * length)
    guard !bytes.isEmpty else { return [] }
    try Library.call(action) {
      bytes.withUnsafeMutableBytes { H5Dread(dataset.raw, type.raw, 0, 0, 0, $0.baseAddress) }
    }
    return (0..<shape[0]).map { String(trimming: bytes[$0 * length..<($0 + 1) * length]) }
  }

  borrowing func fixedStringType(byteCount: Int, _ action: String) throws(HDF5Error) -> Identifier {
    let type = try Identifier(action) { H5Tcopy(chdf5_string_type()) }
    let raw = type.raw
    try Library.call(action) { H5Tset_size(raw, byteCount) }
    try Library.call(action) { H5Tset_strpad(raw, H5T_STR_NULLPAD) }
    try Library.call(action) { H5Tset_cset(raw, H5T_CSET_UTF8) }
    return type
  }

  borrowing func fixedStringByteCount(of type: borrowing Identifier, _ action: String) throws(HDF5Error) -> Int {
    let raw = type.raw
    guard Library.run({ H5Tget_class(raw) }) == H5T_STRING else {
      throw HDF5Error("Could not \(action): it is not text.")
    }
    guard try Library.call(action, { H5Tis_variable_str(raw) }) == 0 else {
      throw HDF5Error("Could not \(action): text of variable length is not accepted, only of fixed length.")
    }
    let byteCount = Library.run { H5Tget_size(raw) }
    guard byteCount > 0, byteCount <= longestStringByteCount else {
      throw HDF5Error("Could not \(action): it claims \(byteCount) bytes of text.")
    }
    return byteCount
  }
}

extension String {
  /// Text up to the first zero; bytes that are not UTF-8 are replaced.
  init(trimming bytes: ArraySlice<UInt8>) {
    self.init(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
