import FoundationEssentials
import Glibc

extension RunEnvironment {
  /// The environment of this process.
  public static var variables: [String: String] { ProcessInfo.processInfo.environment }

  /// The name of this machine.
  public static var host: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "unknown" }
    return text(bytes)
  }

  /// Release and build of the running kernel.
  static var kernel: String { firstLine(of: "/proc/sys/kernel/osrelease") ?? "unknown" }

  /// The C library in use, such as `glibc 2.36`.
  static var libc: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard confstr(Int32(_CS_GNU_LIBC_VERSION), &bytes, bytes.count) > 0 else { return "unknown" }
    return text(bytes)
  }

  /// The processors this process may use, such as `0-3,8`.
  static var affinity: String { field("Cpus_allowed_list", in: "/proc/self/status") ?? "unknown" }

  /// The model, and the flags that kernels look at.
  static var processor: (model: String, flags: [String]) {
    let path = "/proc/cpuinfo"
    let all = Set(
      (field("flags", in: path) ?? field("Features", in: path) ?? "").split(separator: " ").map(String.init))
    let known = ["sse4_2", "avx", "f16c", "fma", "avx2", "asimd", "asimdhp", "sve"]
    let flags = known.filter(all.contains) + all.filter { $0.hasPrefix("avx512") || $0.hasPrefix("amx") }.sorted()
    return (field("model name", in: path) ?? field("CPU implementer", in: path) ?? "unknown", flags)
  }

  /// The compiler that built this program.
  static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The value of the first line `name : value`.
  private static func field(_ name: String, in path: String) -> String? {
    for line in lines(of: path) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      if trimmed(line[..<colon]) == name { return trimmed(line[line.index(after: colon)...]) }
    }
    return nil
  }

  private static func firstLine(of path: String) -> String? { lines(of: path).first.map(String.init) }

  /// Files of the kernel have no size: read until the end.
  private static func lines(of path: String) -> [Substring] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  private static func text(_ bytes: [CChar]) -> String {
    String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
