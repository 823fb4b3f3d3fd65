import Configuration
import Foundation
import Testing

@Suite struct FileTests {
  /// Runs `body` with the path of a file of these bytes.
  private func withFile(_ bytes: Foundation.Data, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "run.yaml")
    try bytes.write(to: file)
    try body(file.path)
  }

  private func error(_ path: String) -> ConfigurationError? {
    do throws(ConfigurationError) {
      _ = try RunConfiguration(file: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func aFileIsRead() throws {
    try withFile(Foundation.Data(valid.utf8)) { path in
      let run = try RunConfiguration(file: path)
      #expect(run.batch.microbatch == 64)
      let other = try RunConfiguration(file: path, overrides: ["seed=1"])
      #expect(other.seed == 1)
    }
  }

  @Test func aByteOrderMarkAndWindowsLinesAreRead() throws {
    let text = "\u{FEFF}" + valid.replacing("\n", with: "\r\n")
    try withFile(Foundation.Data(text.utf8)) { path in
      let run = try RunConfiguration(file: path)
      #expect(run.seed == 7)
    }
    try withFile(Foundation.Data((text + "threads: x\r\n").utf8)) { path in
      #expect(error(path)?.description == "\(path):6: threads must be auto or a whole number, not \"x\"")
    }
  }

  @Test func aMissingFileIsUnreadable() {
    let error = self.error("/nowhere/run.yaml")
    #expect(error?.description == "cannot read the configuration /nowhere/run.yaml: No such file or directory")
    #expect(error?.kind == .unreadable)
    #expect(self.error("/")?.description == "cannot read the configuration /: Is a directory")
  }

  @Test func onlyOneMebibyteOfTextIsRead() throws {
    let filler =
      Foundation.Data(valid.utf8) + Foundation.Data(repeating: UInt8(ascii: "#"), count: (1 << 20) - valid.utf8.count)
    try withFile(filler) { #expect(error($0) == nil) }
    try withFile(filler + [UInt8(ascii: "#")]) { path in
      #expect(error(path)?.description == "\(path): a configuration is at most 1 MiB; this file is larger")
      #expect(error(path)?.kind == .invalid)
    }
  }

  @Test func bytesThatAreNotTextAreRefused() throws {
    try withFile(Foundation.Data([0x61, 0xFF, 0xFE])) { path in
      #expect(error(path)?.description == "\(path): the file is not UTF-8 text")
    }
  }

  @Test func scalarsFollowYAML12() throws {
    func learningRate(_ text: String) -> Double? {
      try? RunConfiguration(yaml: valid + "optimizer: {learningRate: \(text)}", name: "run.yaml").optimizer.learningRate
    }
    for (text, value) in [
      ("1e-3", 1e-3), ("5.e-4", 5e-4), (".5", 0.5), ("+2", 2), ("1.", 1), ("010", 10), ("1E2", 100),
    ] { #expect(learningRate(text) == value, "\(text)") }
    for text in ["1_000", "0x10", "1:30", "1e", "e5", ".", "--1", "٣", "infinity", "nan", "0x1p3"] {
      #expect(learningRate(text) == nil, "\(text)")
    }
  }
}
