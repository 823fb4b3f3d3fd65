extension SafetensorsHeader {
  /// Reads the JSON text of a header whose file has `dataBytes` behind it.
  ///
  /// Stricter than the reference: the tensors must tile the data section without holes, overlap or rest, and names that
  /// come twice or look like paths are refused.
  init(parsing text: [UInt8], dataBytes: Int) throws(StrictJSON.Refusal) {
    guard text.first == UInt8(ascii: "{") else { throw .init(reason: "the header does not begin with \"{\"") }
    guard case .object(let members) = try StrictJSON(parsing: text) else {
      throw .init(reason: "the header is not an object")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        entries.append(try Self.entry(member))
      }
    }
    guard entries.count <= Self.maximumTensors else {
      throw .init(reason: "it holds \(entries.count) tensors, more than the \(Self.maximumTensors) that are allowed")
    }
    entries.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
    try Self.requireTiling(entries, dataBytes: dataBytes)
    self.init(entries: entries, metadata: metadata)
  }

  private static func requireTiling(_ entries: [Entry], dataBytes: Int) throws(StrictJSON.Refusal) {
    var end = 0
    for entry in entries {
      guard entry.bytes.lowerBound == end else {
        let fault = entry.bytes.lowerBound > end ? "there is a hole before" : "other data overlaps"
        throw .init(reason: "\(fault) the tensor \(entry.tensor.name)")
      }
      end = entry.bytes.upperBound
    }
    guard end == dataBytes else {
      throw .init(reason: "its tensors take \(end) bytes, but \(dataBytes) follow the header")
    }
  }

  private static func metadata(_ value: StrictJSON) throws(StrictJSON.Refusal) -> [String: String] {
    guard case .object(let members) = value else { throw .init(reason: "__metadata__ is not an object") }
    var metadata: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw .init(reason: "__metadata__ holds something else than texts")
      }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(_ member: StrictJSON.Member) throws(StrictJSON.Refusal) -> Entry {
    let name = StrictJSON.quoted(String(member.key.prefix(80)))
    guard TensorDescription.isAllowed(name: member.key) else {
      throw .init(reason: "\(name) is not allowed as the name of a tensor")
    }
    guard case .object(let fields) = member.value, fields.count == 3 else {
      throw .init(reason: "the tensor \(name) has other fields than dtype, shape and data_offsets")
    }
    var type: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    for field in fields {
      switch (field.key, field.value) {
      case ("dtype", .string(let text)): type = ElementType(rawValue: text)
      case ("shape", .array(let axes)): shape = integers(axes)
      case ("data_offsets", .array(let ends)): offsets = integers(ends)
      default: throw .init(reason: "the tensor \(name) has a wrong or unknown field \(StrictJSON.quoted(field.key))")
      }
    }
    guard let type else { throw .init(reason: "the tensor \(name) has an unknown dtype") }
    guard let shape, shape.count <= maximumAxes, let bytes = TensorDescription.bytes(of: type, shape) else {
      throw .init(reason: "the shape of the tensor \(name) is impossible")
    }
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1], offsets[1] - offsets[0] == bytes else {
      throw .init(reason: "the data_offsets of the tensor \(name) do not fit its shape")
    }
    return Entry(tensor: TensorDescription(member.key, type, shape: shape), bytes: offsets[0]..<offsets[1])
  }

  private static func integers(_ values: [StrictJSON]) -> [Int]? {
    var integers: [Int] = []
    for value in values {
      guard case .integer(let integer) = value else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
