import Foundation
import HDF5
import Testing

/// A shard of raw images as some other program may write it, into a folder whose index knows its size.
struct ForeignShard {
  var labels: [Int32]
  var sampleIDs: [UInt64]
  var checksums: [UInt32]
  var images: [UInt8]
  var shape: [Int]
  var classes: [String]
  /// Datasets that are not written, so that `edit` can put something else in their place.
  var left: Set<String> = []
  /// Runs before the file is closed.
  var edit: (borrowing File) throws -> Void = { _ in }
  private let path: String

  static let name = "train-00001-of-00004.h5"

  /// The second shard of `folder`.
  init(of folder: String) throws {
    path = folder + "/" + Self.name
    let file = try File(reading: path)
    labels = try file.dataset("/labels").read()
    sampleIDs = try file.dataset("/sample_id").read()
    checksums = try file.dataset("/crc32c").read()
    images = try file.dataset("/images").read()
    shape = try file.dataset("/images").shape
    classes = try file.strings(at: "/classes/name")
  }

  /// Writes it where it was, and its size into the index.
  func write() throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    let wnids = try File(reading: path).strings(at: "/classes/wnid")
    try FileManager.default.removeItem(atPath: path)
    let file = try File(creating: path)
    try file.setAttribute("format", to: "convoy-shard")
    try file.setAttribute("format_version", to: 1)
    try file.setAttribute("split", to: "train")
    try file.setAttribute("num_classes", to: classes.count)
    try file.setAttribute("samples", to: sampleIDs.count)
    try fill(file, "/images", images, shape)
    try fill(file, "/labels", labels)
    try fill(file, "/sample_id", sampleIDs)
    try fill(file, "/crc32c", checksums)
    try file.createGroup("/classes")
    try file.writeStrings(wnids, to: "/classes/wnid")
    try file.writeStrings(classes, to: "/classes/name")
    try edit(file)
    try file.close()
    let index = folder.appendingPathComponent("index.json")
    var root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: index)) as? [String: Any])
    var shards = try #require(root["shards"] as? [[String: Any]])
    shards[1]["bytes"] = try Data(contentsOf: URL(fileURLWithPath: path)).count
    root["shards"] = shards
    try JSONSerialization.data(withJSONObject: root).write(to: index)
  }

  private func fill<Element: Scalar>(
    _ file: borrowing File, _ name: String, _ elements: [Element], _ shape: [Int]? = nil
  ) throws {
    guard !left.contains(name) else { return }
    let shape = shape ?? [elements.count]
    let dataset = try file.createDataset(name, of: Element.scalarType, shape: shape)
    try dataset.write(rows: 0..<shape[0], from: elements.span)
  }
}

/// Changes the bytes of a file.
func damage(_ path: String, _ change: (inout Data) throws -> Void) throws {
  let url = URL(fileURLWithPath: path)
  var bytes = try Data(contentsOf: url)
  try change(&bytes)
  try bytes.write(to: url)
}
