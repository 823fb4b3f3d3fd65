import Glibc

/// Why something could not be done with an HDF5 file, as one sentence.
public struct HDF5Error: Error, CustomStringConvertible, Sendable {
  public let description: String
  /// The `errno` behind the failure, where the system refused.
  public let systemError: CInt?

  /// True when the file system had no room left, or the user's quota.
  public var isDiskFull: Bool { systemError == ENOSPC || systemError == EDQUOT }

  init(_ description: String, systemError: CInt? = nil) {
    self.description = description
    self.systemError = systemError
  }

  /// "Could not `action`: " and what the library's deepest frame says.
  ///
  /// Where that frame quotes the system (`…, errno = 28, error message = 'No space left on device', …`), only the
  /// quotation is kept.
  init(action: String, libraryMessage: String) {
    let number = libraryMessage.text(between: "errno = ", and: ",").flatMap { CInt($0) }
    let reason = libraryMessage.text(between: "error message = '", and: "'") ?? libraryMessage
    self.init("Could not \(action): \(reason.isEmpty ? "unknown reason" : reason).", systemError: number)
  }
}

extension String {
  /// What stands between the first `opening` and the next `closing` after it.
  fileprivate func text(between opening: String, and closing: Character) -> String? {
    var rest = Substring(self)
    while !rest.isEmpty {
      if rest.hasPrefix(opening) {
        rest.removeFirst(opening.count)
        return rest.firstIndex(of: closing).map { String(rest[..<$0]) }
      }
      rest.removeFirst()
    }
    return nil
  }
}
