import Files
import Shards

/// Image files as samples, in the order given; their labels are not known.
struct ImageFiles: SampleSource {
  private let files: [String]
  let encoding = SampleEncoding.jpeg
  private static let longestFileBytes = 1 << 30

  /// Throws when a file is not there.
  init(_ files: [String]) throws(TrainingError) {
    for file in files {
      do {
        _ = try ReadableFile(file)
      } catch {
        throw TrainingError(.missing, error.description)
      }
    }
    self.files = files
  }

  var count: Int { files.count }

  func label(of index: Int) -> Int { 0 }

  func sampleID(of index: Int) -> UInt64 { UInt64(index) }

  func place(of index: Int) -> String { files[index] }

  func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
    do {
      buffer = try ReadableFile(files[index]).contents(limit: Self.longestFileBytes)
    } catch {
      throw ShardError(.io, error.description)
    }
  }
}
