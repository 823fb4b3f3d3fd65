import Glibc
import Synchronization

/// Standard output of one rank: whole lines, and on a terminal one line at the bottom that is rewritten in place.
public final class Console: Sendable {
  public enum Style: Sendable {
    /// Only whole lines: for logs, pipes and everything under MPI.
    case plain
    /// A line rewritten in place: for a person at a terminal.
    case live
  }

  public let style: Style
  private let descriptor: Int32
  /// Whether the bottom line has text.
  private let hasBar = Mutex(false)

  /// Lines go to `descriptor`, standard output if not told otherwise.
  public init(style: Style, descriptor: Int32 = 1) {
    self.style = style
    self.descriptor = descriptor
  }

  /// Standard output in the style that fits where it goes.
  public static func standard(environment: [String: String]) -> Console {
    Console(style: style(descriptor: 1, environment: environment))
  }

  /// Live only on a terminal that understands it.
  ///
  /// Under `mpirun` a rank's standard output is a pseudo terminal that ends in a log more often than not, so that
  /// `isatty` says nothing: launchers are known by their variables.
  public static func style(descriptor: Int32, environment: [String: String]) -> Style {
    let launchers = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"]
    guard launchers.allSatisfy({ environment[$0] == nil }), isatty(descriptor) == 1,
      let terminal = environment["TERM"], terminal != "dumb", !terminal.isEmpty
    else { return .plain }
    return .live
  }

  /// Prints a line; the bottom line gives way.
  public func line(_ text: String) {
    hasBar.withLock { hasBar in
      write((hasBar ? "\r\u{1B}[K" : "") + text + "\n")
      hasBar = false
    }
  }

  /// Rewrites the bottom line of a live console, cut to the width of the terminal.
  func bar(_ text: String) {
    guard style == .live else { return }
    hasBar.withLock { hasBar in
      write("\r\u{1B}[K" + text.prefix(max(1, columns - 1)))
      hasBar = true
    }
  }

  private var columns: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// What the console cannot take is lost: a run does not die because nobody reads its lines.
  private func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

extension Console {
  /// `[=====>    ]` for a share 0...1.
  static func gauge(_ share: Double, cells: Int = 20) -> String {
    let full = Int((share.isFinite ? min(1, max(0, share)) : 0) * Double(cells))
    let tip = full < cells ? ">" : ""
    return "[" + String(repeating: "=", count: full) + tip + String(repeating: " ", count: cells - full - tip.count)
      + "]"
  }
}
