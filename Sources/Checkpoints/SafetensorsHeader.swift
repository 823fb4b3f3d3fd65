/// The header of a safetensors file: which tensors it holds, and where in its data section they lie.
///
/// The file is `u64 N | N bytes of JSON | data`, little-endian; see github.com/huggingface/safetensors.
struct SafetensorsHeader: Equatable {
  struct Entry: Equatable {
    let tensor: TensorDescription
    /// Relative to the begin of the data section.
    let bytes: Range<Int>
  }

  static let maximumBytes = 100_000_000
  static let maximumTensors = 100_000
  static let maximumAxes = 32

  /// The tensors in the order of their data.
  let entries: [Entry]
  let metadata: [String: String]

  /// The header of a file that holds `tensors`, which must be in file order.
  init(tensors: [TensorDescription], metadata: [String: String] = ["format": "pt"]) {
    precondition(tensors.count <= Self.maximumTensors, "A checkpoint holds at most \(Self.maximumTensors) tensors.")
    var end = 0
    var entries: [Entry] = []
    for tensor in tensors {
      entries.append(Entry(tensor: tensor, bytes: end..<end + tensor.bytes))
      end += tensor.bytes
    }
    self.init(entries: entries, metadata: metadata)
  }

  init(entries: [Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  /// The bytes of the data section.
  var dataBytes: Int { entries.last?.bytes.upperBound ?? 0 }

  /// The length field and the JSON text, padded with blanks so that the data section is aligned to 8 bytes.
  func encoded() -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { StrictJSON.quoted($0) + ":" + StrictJSON.quoted($1) }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(StrictJSON.quoted(entry.tensor.name)):{\"dtype\":\"\(entry.tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.bytes.lowerBound),\(entry.bytes.upperBound)]}")
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }
}
