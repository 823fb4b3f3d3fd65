import FoundationEssentials
import Shards

/// Image files as samples, in the order given; their labels are not known.
struct ImageFiles: SampleSource {
  private let files: [String]
  let encoding = SampleEncoding.jpeg

  /// Throws when a file is not there.
  init(_ files: [String]) throws(TrainingError) {
    for file in files where !FileManager.default.isReadableFile(atPath: file) {
      throw TrainingError(.missing, "Could not read the image \(file): there is no such file, or it may not be read.")
    }
    self.files = files
  }

  var count: Int { files.count }

  func label(of index: Int) -> Int { 0 }

  func sampleID(of index: Int) -> UInt64 { UInt64(index) }

  func place(of index: Int) -> String { files[index] }

  func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
    do {
      buffer = Array(try Data(contentsOf: URL(filePath: files[index])))
    } catch {
      throw ShardError(.io, "Could not read the image \(files[index]): \(error)")
    }
  }
}
