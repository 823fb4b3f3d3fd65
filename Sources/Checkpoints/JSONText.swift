import FoundationEssentials

/// The JSON files of a checkpoint: written for people to read and for equal values to give equal bytes.
enum JSONText {
  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return Array(try encoder.encode(value))
    } catch {
      preconditionFailure("A checkpoint's own types can be written as JSON: \(error)")
    }
  }

  /// Reads a value of a format that has versions.
  ///
  /// Throws `mismatch` when the file says that it is of a newer version than `newest`.
  static func decode<Value: Decodable>(
    _ type: Value.Type, _ text: [UInt8], newest: Int, path: String
  ) throws(CheckpointError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = Data(text)
    do {
      let version = try decoder.decode(Version.self, from: data).formatVersion
      if version <= newest, version >= 1 { return try decoder.decode(type, from: data) }
      throw CheckpointError(
        .mismatch,
        "\(path) has format version \(version), and this program knows versions up to \(newest). Use a newer convoy.")
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw .corrupt(path, "it is not the JSON that belongs there (\(error))")
    }
  }
}

/// The one field that every version of a format has.
private struct Version: Decodable { let formatVersion: Int }
