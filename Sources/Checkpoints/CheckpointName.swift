import Files
import Glibc

/// The names of the folders in a store: `step-000012000`, and hidden ones that no reader looks at.
struct CheckpointName {
  /// What a hidden folder is for.
  enum Hidden: String {
    /// Being written, or about to be removed.
    case temporary = ".tmp"
    /// Set aside while another takes its name.
    case former = ".old"
  }

  /// `step-` and at least nine digits.
  static func committed(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  /// A new name that nobody else chooses; it tells the process that made it.
  static func hidden(_ kind: Hidden, _ step: Int) -> String {
    "\(kind.rawValue)-\(committed(step))-\(getpid())-\(TemporaryName.nonce())"
  }

  /// The step of a committed checkpoint's name; nil for any other name.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0, committed(step) == name else {
      return nil
    }
    return step
  }

  /// Takes a hidden name apart; nil for any other name.
  static func parseHidden(_ name: String) -> (kind: Hidden, step: Int, process: Int32)? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 5, let kind = Hidden(rawValue: String(parts[0])), let process = Int32(parts[3]),
      let step = step(of: "\(parts[1])-\(parts[2])")
    else { return nil }
    return (kind, step, process)
  }
}
