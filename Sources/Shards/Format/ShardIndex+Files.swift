import FoundationEssentials
import Glibc

extension ShardIndex {
  /// Larger than the index of a million shards.
  private static let longestIndexByteCount = 256 << 20

  /// Reads the index of the shards in `folder`.
  public init(folder: String) throws(ShardError) {
    var status = stat()
    guard stat(folder, &status) == 0 else { throw ShardError(reading: "open \(folder)", errno: errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ShardError(
        .missing, "Could not open \(folder): it is not a folder; give the folder of \(ShardFormat.indexFile).")
    }
    let path = folder + "/" + ShardFormat.indexFile
    guard access(path, F_OK) == 0 else {
      throw ShardError(
        .missing,
        "Could not find shards in \(folder): it has no \(ShardFormat.indexFile); build it with `convoy data build`.")
    }
    let bytes = try OpenFile(reading: path).contents(limit: Self.longestIndexByteCount)
    do {
      self = try JSONDecoder().decode(ShardIndex.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw ShardError(.badData, "Could not use \(path): \(error.reason).")
    } catch {
      throw ShardError(.badData, "Could not use \(path): it is not JSON.")
    }
  }

  /// Writes the index into `folder`, all of it or nothing.
  func write(to folder: String) throws(ShardError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let path = folder + "/" + ShardFormat.indexFile
    let temporary = folder + "/." + ShardFormat.indexFile + ".partial"
    guard let text = try? encoder.encode(self) else {
      throw ShardError(.badData, "Could not write \(path): a number of it is not finite.")
    }
    try writeFile([UInt8](text) + [UInt8(ascii: "\n")], to: temporary, isDurable: true)
    guard rename(temporary, path) == 0 else { throw ShardError(writing: "write \(path)", errno: errno) }
  }
}

extension DecodingError {
  /// Where in the document, and what is wrong there.
  fileprivate var reason: String {
    switch self {
    case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let place), .valueNotFound(_, let place), .dataCorrupted(let place):
      let path = place.codingPath.map(\.stringValue).joined(separator: ".")
      if path.isEmpty { return "it is not JSON" }
      return "\"\(path)\": \(place.debugDescription)"
    @unknown default: return "it is damaged"
    }
  }
}
