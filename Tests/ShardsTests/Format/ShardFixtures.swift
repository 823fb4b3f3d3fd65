import Foundation
import HDF5
import Shards
import Tensors
import Testing

/// Lends a new folder, removed afterwards.
func withShardFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/convoy-shards-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Expects an error of this kind whose sentence contains `text`.
func expectShardError(
  _ kind: ShardError.Kind, _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) throws {
  let error = try #require(throws: ShardError.self, sourceLocation: sourceLocation, performing: body)
  #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
  #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
}

func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

/// The visible and hidden files of a folder, sorted.
func listing(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// Every file of a folder with its bytes.
func fileContents(_ folder: String) throws -> [String: [UInt8]] {
  Dictionary(uniqueKeysWithValues: try listing(folder).map { ($0, try contents(folder + "/" + $0)) })
}

/// A tree of `perClass` drawn JPEG images in each of the classes.
func makeTree(_ root: String, classes: [String] = ["ant", "bee", "cat"], perClass: Int = 7, size: Int = 16) throws {
  for (label, name) in classes.enumerated() {
    try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
    for number in 0..<perClass {
      let image = ShardSynthesis.picture(seed: 3, index: label * perClass + number, size: size).image
      try write(image.jpegBytes(quality: 90), to: "\(root)/\(name)/\(name)\(number).jpg")
    }
  }
}

extension ShardBuild {
  /// Builds `folder`/tree into `folder`/shards.
  init(in folder: String, encoding: Encoding = .jpeg, shardByteCount: Int = 4_000, threads: Int = 2) {
    self.init(
      input: folder + "/tree", labelsFile: nil, output: folder + "/shards", split: "train", encoding: encoding,
      shardByteCount: shardByteCount, threads: threads, skipsUnreadable: false, overwrites: false)
  }
}

/// A set of raw shards of drawn images.
@discardableResult
func makeRawShards(_ folder: String, count: Int = 30, threads: Int = 2) throws -> ShardIndex {
  let synthesis = ShardSynthesis(
    count: count, size: 8, seed: 1, split: "train", output: folder,
    destination: .shards(shardByteCount: (count + 2) / 3 * 192), threads: threads, overwrites: false)
  return try #require(try synthesis.run().index)
}

/// A shard as some other program may write it.
struct ForeignShard {
  var format = "convoy-shard"
  var version = 1
  var claimedSamples = 2
  var claimedClasses = 2
  var labels: [Int32] = [0, 1]
  var sampleIDs: [UInt64] = [0, 1]
  var checksums: [UInt32] = [0, 0]
  var offsets: [UInt64] = [0, 3, 5]
  var jpegByteCount: Int? = 5
  var imageShape: [Int]?
  var labelType = ScalarType.int32
  var wnids = ["a", "b"]
  var left: Set<String> = []
  /// Runs before the file is closed.
  var edit: @Sendable (borrowing File) throws -> Void = { _ in }

  func write(to path: String) throws {
    let file = try File(creating: path)
    try file.setAttribute("format", to: format)
    try file.setAttribute("format_version", to: version)
    try file.setAttribute("split", to: "train")
    try file.setAttribute("num_classes", to: claimedClasses)
    if !left.contains("samples") { try file.setAttribute("samples", to: claimedSamples) }
    if let jpegByteCount {
      try file.fill("/jpeg_bytes", with: [UInt8](repeating: 1, count: jpegByteCount))
      try file.fill("/jpeg_offsets", with: offsets)
    }
    if let imageShape {
      try file.fill("/images", with: [UInt8](repeating: 1, count: imageShape.reduce(1, *)), shape: imageShape)
    }
    if labelType == .int32 {
      try file.fill("/labels", with: labels)
    } else {
      try file.fill("/labels", with: labels.map { UInt64($0) })
    }
    try file.fill("/sample_id", with: sampleIDs)
    if !left.contains("crc32c") { try file.fill("/crc32c", with: checksums) }
    try file.createGroup("/classes")
    try file.writeStrings(wnids, to: "/classes/wnid")
    try file.writeStrings(wnids, to: "/classes/name")
    try edit(file)
    try file.close()
  }
}

extension File {
  /// Writes a whole dataset, one-dimensional unless a shape is given.
  fileprivate borrowing func fill<Element: Scalar>(
    _ name: String, with elements: [Element], shape: [Int]? = nil
  ) throws {
    let shape = shape ?? [elements.count]
    let dataset = try createDataset(name, of: Element.scalarType, shape: shape)
    try dataset.write(rows: 0..<shape[0], from: elements.span)
  }
}
