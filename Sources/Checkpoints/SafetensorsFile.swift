import Files

/// A safetensors file that is open for reading.
///
/// Written by anybody: nothing in it is believed before it is checked.
public struct SafetensorsFile: ~Copyable, Sendable {
  /// The tensors in the order of their data.
  public var tensors: [TensorDescription] { header.entries.map(\.tensor) }
  /// The free texts of the header, such as `format`.
  public var metadata: [String: String] { header.metadata }
  public var path: String { file.path }

  let header: SafetensorsHeader
  private let places: [String: Int]
  private let file: ReadableFile
  private let dataStart: Int

  /// Opens a file and checks its header; throws `missing`, `io` or `corrupt`.
  public init(_ path: String) throws(CheckpointError) {
    try self.init(reading { () throws(FileError) in try ReadableFile(path) })
  }

  init(_ file: consuming ReadableFile) throws(CheckpointError) {
    let path = file.path
    let size = file.bytes
    guard size >= 8 else { throw .corrupt(path, "it has \(size) bytes, too few for a header") }
    let length = try Self.headerBytes(file)
    guard length <= min(SafetensorsHeader.maximumBytes, size - 8) else {
      throw .corrupt(path, "it claims a header of \(length) bytes, and has \(size) bytes in all")
    }
    let end = 8 + Int(length)
    let text = try reading { () throws(FileError) in try file.read(8..<end) }
    do {
      header = try SafetensorsHeader(parsing: text, dataBytes: size - end)
    } catch {
      throw .corrupt(path, error.reason)
    }
    places = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.tensor.name, $0) })
    dataStart = end
    self.file = file
  }

  /// The length field; the file has at least 8 bytes.
  static func headerBytes(_ file: borrowing ReadableFile) throws(CheckpointError) -> UInt64 {
    let bytes = try reading { () throws(FileError) in try file.read(0..<8) }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The tensor of this name; nil if there is none.
  public func description(of name: String) -> TensorDescription? {
    places[name].map { header.entries[$0].tensor }
  }

  /// Reads a whole tensor into a buffer of exactly its bytes; traps if there is no such tensor.
  public borrowing func read(_ name: String, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    guard let tensor = description(of: name) else { preconditionFailure("There is no tensor \(name) in \(path).") }
    try read(name, rows: 0..<tensor.rows, into: buffer)
  }

  /// Reads a range of the outermost axis (`0..<1` of a scalar); `buffer` has exactly the bytes of these rows.
  public borrowing func read(
    _ name: String, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    guard let place = places[name] else { preconditionFailure("There is no tensor \(name) in \(path).") }
    let entry = header.entries[place]
    precondition(rows.lowerBound >= 0 && rows.upperBound <= entry.tensor.rows, "\(name) has no rows \(rows).")
    precondition(buffer.count == rows.count * entry.tensor.rowBytes, "The buffer does not fit the rows of \(name).")
    let start = dataStart + entry.bytes.lowerBound + rows.lowerBound * entry.tensor.rowBytes
    try reading { () throws(FileError) in try file.read(at: start, into: buffer) }
  }
}
