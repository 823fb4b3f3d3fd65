import Checkpoints
import Testing

@Suite("Tensors under other names")
struct RenamingTests {
  private static let file = ["a.1.weight", "a.1.bias", "a.10.weight", "a.2.weight", "b", "b.c"].enumerated().map {
    TensorDescription($0.element, shape: [$0.offset + 1])
  }

  private func names(_ rules: String...) throws -> [String] {
    let rules = try rules.map { try #require(TensorRename($0)) }
    let renamed = try RenamedTensors(Self.file, by: rules, path: "f")
    // Everything but the name stays, and each tensor is found under its old one.
    #expect(renamed.tensors.map(\.shape) == Self.file.map(\.shape))
    #expect(renamed.tensors.map { renamed.formerNames[$0.name] } == Self.file.map(\.name))
    return renamed.tensors.map(\.name)
  }

  @Test func aPrefixEndsAtADot() throws {
    #expect(try names() == Self.file.map(\.name))
    #expect(try names("a.1=x.7") == ["x.7.weight", "x.7.bias", "a.10.weight", "a.2.weight", "b", "b.c"])
    #expect(
      try names("a=deep.down") == ["1.weight", "1.bias", "10.weight", "2.weight"].map { "deep.down." + $0 } + [
        "b", "b.c",
      ])
    #expect(try names("b=d") == ["a.1.weight", "a.1.bias", "a.10.weight", "a.2.weight", "d", "d.c"])
    #expect(try names("a.1.bias=bias")[1] == "bias")
  }

  /// All hold at once: names change places, and none is renamed twice.
  @Test func rulesDoNotFollowOneAnother() throws {
    #expect(
      try names("a.1=a.2", "a.2=a.1") == ["a.2.weight", "a.2.bias", "a.10.weight", "a.1.weight", "b", "b.c"])
    #expect(
      try names("a.2=a.10", "a.10=a.11") == ["a.1.weight", "a.1.bias", "a.11.weight", "a.10.weight", "b", "b.c"])
  }

  @Test func theLongestHolds() throws {
    for rules in [("a=x", "a.1=y"), ("a.1=y", "a=x")] {
      #expect(
        try names(rules.0, rules.1) == ["y.weight", "y.bias", "x.10.weight", "x.2.weight", "b", "b.c"])
    }
  }

  @Test(arguments: [
    ("a.1=a.2", "a.1.weight and a.2.weight of f would both be a.2.weight"),
    ("b.c=b", "b and b.c of f would both be b"),
    ("a.=c", nil), ("a.3=c", "f has no tensor that is renamed by a.3=c"),
    ("a.1.weigh=c", "f has no tensor that is renamed by a.1.weigh=c"),
    ("a.1=\(String(repeating: "x", count: 510))", "a name that no tensor may have"),
    ("", nil), ("a", nil), ("=", nil), ("a=", nil), ("=a", nil), ("a=b=c", nil), ("a=b.", nil), ("a=.b", nil),
    ("a=../b", nil), ("a = b", nil),
  ])
  func slipsAreNamed(_ text: String, _ sentence: String?) throws {
    guard let rule = TensorRename(text) else { return #expect(sentence == nil, "\(text)") }
    let error = #expect(throws: CheckpointError.self) { try RenamedTensors(Self.file, by: [rule], path: "f") }
    #expect(
      sentence.map { error?.description.contains($0) ?? false } ?? false, "\(text): \(error.map { "\($0)" } ?? "")")
    #expect(error?.kind == .mismatch)
  }
}
