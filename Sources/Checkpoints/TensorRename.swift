/// That tensors of a file are taken as those of another module: a name that is `from`, or begins with it up to a dot,
/// has `to` in its place.
public struct TensorRename: Sendable, Equatable {
  public let from, to: String

  /// Both are names of tensors or modules, such as `features.3`; nil if one is none.
  private init?(from: String, to: String) {
    guard [from, to].allSatisfy({ TensorDescription.isAllowed(name: $0) && !$0.hasSuffix(".") }) else { return nil }
    self.from = from
    self.to = to
  }

  /// `text` is FROM=TO; nil if it is not.
  public init?(_ text: String) {
    let names = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2 else { return nil }
    self.init(from: names[0], to: names[1])
  }

  func takes(_ name: String) -> Bool { name == from || name.hasPrefix(from + ".") }
}

extension TensorRename: CustomStringConvertible {
  public var description: String { "\(from)=\(to)" }
}

/// The tensors of a file under other names.
public struct RenamedTensors: Sendable {
  /// As the file has them, but for their names.
  public let tensors: [TensorDescription]
  /// The file's name of each tensor, by its new one.
  public let formerNames: [String: String]

  /// Renames all at once, so that names may change places; of several rules the one with the longest `from` holds.
  ///
  /// Throws `mismatch` if a rule changes no name, and if two tensors would have one name. `path` is for messages.
  public init(_ found: [TensorDescription], by rules: [TensorRename], path: String) throws(CheckpointError) {
    var unused = rules
    var formerNames: [String: String] = [:]
    var renamed: [TensorDescription] = []
    for tensor in found {
      let rule = rules.filter { $0.takes(tensor.name) }.max { $0.from.utf8.count < $1.from.utf8.count }
      let name = rule.map { $0.to + tensor.name.dropFirst($0.from.count) } ?? tensor.name
      unused.removeAll { $0 == rule }
      guard TensorDescription.isAllowed(name: name) else {
        throw CheckpointError(.mismatch, "\(tensor.name) of \(path) would get a name that no tensor may have: \(name).")
      }
      if let other = formerNames.updateValue(tensor.name, forKey: name) {
        throw CheckpointError(
          .mismatch,
          "\(other) and \(tensor.name) of \(path) would both be \(name); rename or leave out one of them.")
      }
      renamed.append(TensorDescription(name, tensor.type, shape: tensor.shape))
    }
    guard unused.isEmpty else {
      let list = unused.map { "\($0)" }.joined(separator: ", ")
      throw CheckpointError(
        .mismatch, "\(path) has no tensor that is renamed by \(list); `convoy checkpoint inspect` lists its tensors.")
    }
    tensors = renamed
    self.formerNames = formerNames
  }
}
