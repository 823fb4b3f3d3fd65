import Foundation
import HDF5
import Testing

/// Lends a new folder, removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.path + "/convoy-hdf5-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// Expects an HDF5 error whose sentence contains `text`.
func expectError(_ text: String, _ body: () throws -> Void) throws {
  let error = try #require(throws: HDF5Error.self, performing: body)
  #expect(error.description.contains(text), "\(error)")
}
