import FoundationEssentials
import Glibc

/// How long this process has been there.
enum ProcessAge {
  /// Seconds since the system started the process, to the system's clock tick (10 ms); nil where /proc does not tell.
  static var seconds: Double? {
    // Behind the name, which is in parentheses and may hold any character; see proc_pid_stat(5).
    guard let data = try? Data(contentsOf: URL(filePath: "/proc/self/stat")) else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let name = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: name)...].split(separator: " ")
    let ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
    // Field 22, `starttime`; the first behind the name is field 3.
    guard fields.count > 19, let start = Double(fields[19]), ticksPerSecond > 0 else { return nil }
    var now = timespec()
    guard clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
    let age = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - start / Double(ticksPerSecond)
    return max(age, 0)
  }
}
