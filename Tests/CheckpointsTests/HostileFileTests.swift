import Checkpoints
import Foundation
import TestSupport
import Testing

/// A file that a reader must refuse, and a part of the sentence that says why.
struct HostileFile: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let file: [UInt8]
  let reason: String

  init(_ name: String, _ reason: String, file: [UInt8]) {
    testDescription = name
    self.reason = reason
    self.file = file
  }

  init(_ name: String, _ reason: String, header: String, data: Int = 8, length: UInt64? = nil) {
    let length = length ?? UInt64(header.utf8.count)
    let field = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    self.init(name, reason, file: field + Array(header.utf8) + [UInt8](repeating: 0, count: data))
  }

  /// A tensor of 2 floats unless told otherwise.
  static func entry(
    _ name: String = "a", dtype: String = #""F32""#, shape: String = "[2]", offsets: String = "[0,8]", more: String = ""
  ) -> String {
    #""\#(name)":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)\#(more)}"#
  }

  static let sizes = [
    HostileFile("empty", "too few", file: []),
    HostileFile("seven bytes", "too few", file: [UInt8](repeating: 0, count: 7)),
    HostileFile("no header", "does not begin", file: [UInt8](repeating: 0, count: 16)),
    HostileFile("header of 2^40", "claims a header", header: "{}", length: 1 << 40),
    HostileFile("header of 2^64 - 1", "claims a header", header: "{}", length: .max),
    HostileFile("header longer than the file", "claims a header", header: "{}", data: 0, length: 3),
    HostileFile("hole", "hole", header: "{\(entry()),\(entry("b", offsets: "[12,20]"))}", data: 20),
    HostileFile("hole at the begin", "hole", header: "{\(entry(offsets: "[4,12]"))}", data: 12),
    HostileFile("overlap", "overlap", header: "{\(entry()),\(entry("b", offsets: "[4,12]"))}", data: 12),
    HostileFile("same place", "overlap", header: "{\(entry()),\(entry("b"))}"),
    HostileFile("trailing bytes", "follow the header", header: "{\(entry())}", data: 9),
    HostileFile("missing bytes", "follow the header", header: "{\(entry())}", data: 7),
    HostileFile("shape overflow", "impossible", header: "{\(entry(shape: "[4294967296,4294967296,2]"))}"),
    HostileFile("overflow beside zero", "impossible", header: "{\(entry(shape: "[4294967296,4294967296,0]"))}"),
    HostileFile("offset overflow", "too large", header: "{\(entry(offsets: "[0,99999999999999999999]"))}"),
    HostileFile("reversed offsets", "do not fit", header: "{\(entry(offsets: "[8,0]"))}"),
    HostileFile("one offset", "do not fit", header: "{\(entry(offsets: "[8]"))}"),
    HostileFile("size unlike shape", "do not fit", header: "{\(entry(shape: "[3]"))}"),
    HostileFile("33 axes", "impossible", header: "{\(entry(shape: "[2" + String(repeating: ",1", count: 32) + "]"))}"),
    HostileFile(
      "100,001 tensors", "more than",
      header: "{" + (0...100_000).map { entry("t\($0)", shape: "[0]", offsets: "[0,0]") }.joined(separator: ",") + "}",
      data: 0),
  ]

  static let names = [
    HostileFile("duplicate name", "comes twice", header: "{\(entry()),\(entry())}"),
    HostileFile("duplicate by escape", "comes twice", header: "{\(entry()),\(entry("\\u0061"))}"),
    HostileFile("duplicate field", "comes twice", header: "{\(entry(more: #","dtype":"F32""#))}"),
    HostileFile("path", "not allowed", header: "{\(entry("../../x"))}"),
    HostileFile("two dots", "not allowed", header: "{\(entry("a..b"))}"),
    HostileFile("leading blank", "not allowed", header: "{\(entry(" a"))}"),
    HostileFile("empty name", "not allowed", header: "{\(entry(""))}"),
    HostileFile("zero byte", "not allowed", header: "{\(entry("a\\u0000"))}"),
    HostileFile("not ASCII", "not allowed", header: "{\(entry("ä"))}"),
    HostileFile("name of 513 bytes", "not allowed", header: "{\(entry(String(repeating: "a", count: 513)))}"),
  ]

  static let texts = [
    HostileFile("blank before the object", "does not begin", header: " {\(entry())}"),
    HostileFile("list", "does not begin", header: "[]"),
    HostileFile("text behind", "behind its end", header: "{\(entry())}x"),
    HostileFile("cut", "expected", header: "{\(entry())"),
    HostileFile("trailing comma", "key was expected", header: "{\(entry()),}"),
    HostileFile("deep", "too deeply", header: "{\(entry(shape: "[[[2]]]"))}"),
    HostileFile("very deep", "too deeply", header: "{\"a\":" + String(repeating: "[", count: 100_000)),
    HostileFile("float in shape", "expected", header: "{\(entry(shape: "[2.0]"))}"),
    HostileFile("negative axis", "expected", header: "{\(entry(shape: "[-2]"))}"),
    HostileFile("exponent", "expected", header: "{\(entry(shape: "[2e0]"))}"),
    HostileFile("leading zero", "begins with 0", header: "{\(entry(shape: "[02]"))}"),
    HostileFile("null", "expected", header: "{\(entry(shape: "null"))}"),
    HostileFile("unknown dtype", "unknown dtype", header: "{\(entry(dtype: #""F33""#))}"),
    HostileFile("dtype of a wrong kind", "wrong or unknown field", header: "{\(entry(dtype: "1"))}"),
    HostileFile("unknown field", "other fields", header: "{\(entry(more: #","x":1"#))}"),
    HostileFile("missing field", "other fields", header: #"{"a":{"dtype":"F32","shape":[2]}}"#),
    HostileFile("tensor is a number", "other fields", header: #"{"a":1}"#),
    HostileFile("metadata is a list", "__metadata__", header: #"{"__metadata__":[]}"#, data: 0),
    HostileFile("metadata holds a number", "__metadata__", header: #"{"__metadata__":{"a":1}}"#, data: 0),
    HostileFile("half a surrogate", "surrogate", header: #"{"\ud800":1}"#),
    HostileFile("bad escape", "escape", header: #"{"\x":1}"#),
    HostileFile("short escape", "four hexadecimal", header: #"{"\u00"#),
    HostileFile("line break in a text", "control character", header: "{\"a\n\":1}"),
    HostileFile("open text", "does not end", header: "{\"a"),
    HostileFile(
      "not UTF-8", "not UTF-8",
      file: [7, 0, 0, 0, 0, 0, 0, 0] + Array("{\"".utf8) + [0xC0, 0x80] + Array("\":1".utf8)
    ),
  ]
}

@Suite("Hostile safetensors files")
struct HostileFileTests {
  @Test(arguments: HostileFile.sizes + HostileFile.names + HostileFile.texts)
  func areRefusedWithAReason(_ hostile: HostileFile) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/model.safetensors"
      try Data(hostile.file).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(path) }
      #expect(error?.kind == .corrupt && error?.exitCode == 65)
      #expect(error?.description.contains(hostile.reason) == true, "\(String(describing: error))")
    }
  }

  /// What other writers do and the format allows.
  @Test(arguments: [
    "{\(HostileFile.entry())}", "{\(HostileFile.entry())}   ", "{ \(HostileFile.entry()) \n}",
    #"{\#(HostileFile.entry()),"__metadata__":{"format":"pt","note":"\ud83d\ude00 \"x\""}}"#,
    "{\(HostileFile.entry("b", shape: "[0]", offsets: "[8,8]")),\(HostileFile.entry())}",
    "{\(HostileFile.entry("b", shape: "[1]", offsets: "[4,8]")),\(HostileFile.entry(shape: "[]", offsets: "[0,4]"))}",
  ])
  func whatTheFormatAllowsIsRead(header: String) throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/model.safetensors"
      try Data(HostileFile("", "", header: header).file).write(to: URL(fileURLWithPath: path))
      #expect(try SafetensorsFile(path).description(of: "a") != nil)
    }
  }

  @Test func aMissingFileIsMissing() throws {
    let error = #expect(throws: CheckpointError.self) { _ = try SafetensorsFile("/nowhere/model.safetensors") }
    #expect(error?.kind == .missing && error?.exitCode == 66)
  }
}
