import FoundationEssentials

/// Files that tests compare with, beside the tests' sources.
public enum Golden {
  /// The text of `Golden/NAME` beside the source file `test`.
  ///
  /// With UPDATE_GOLDEN=1 in the environment writes `actual` there first; the change is then reviewed as a diff.
  public static func text(_ name: String, updatingTo actual: String? = nil, beside test: String) throws -> String {
    let file = URL(filePath: test).deletingLastPathComponent().appending(path: "Golden").appending(path: name)
    if let actual, ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(actual.utf8).write(to: file)
    }
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
