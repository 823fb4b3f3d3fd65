extension RunConfiguration {
  /// A number of threads, or the machine's choice.
  public enum ThreadCount: Sendable, Equatable {
    case auto
    case count(Int)
  }
}

extension RunConfiguration.ThreadCount: Leaf {
  static var kind: String { "auto or a whole number" }
  static var words: [String] { ["auto"] }
  static func read(_ content: Content) -> Self? {
    switch content {
    case .text("auto"): .auto
    case .integer(let count): .count(count)
    default: nil
    }
  }
  var content: Content {
    switch self {
    case .auto: .text("auto")
    case .count(let count): .integer(count)
    }
  }
}
