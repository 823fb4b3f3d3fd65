import Glibc

/// The text of a configuration file.
enum ConfigurationFile {
  /// A configuration is a page of text; whatever is larger is another file given by mistake.
  static let sizeLimitBytes = 1 << 20

  static func text(at path: String) throws(ConfigurationError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(path, errno) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: sizeLimitBytes + 1)
    var used = 0
    while used < bytes.count {
      let start = used
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress.map { $0 + start }, buffer.count - start)
      }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path, errno)
      }
      used += count
    }
    guard used <= sizeLimitBytes else {
      throw ConfigurationError(.file(path), "a configuration is at most 1 MiB; this file is larger")
    }
    guard let text = String(validating: bytes[..<used], as: UTF8.self) else {
      throw ConfigurationError(.file(path), "the file is not UTF-8 text")
    }
    return text
  }

  private static func unreadable(_ path: String, _ code: Int32) -> ConfigurationError {
    ConfigurationError("cannot read the configuration \(path): \(String(cString: strerror(code)))", kind: .unreadable)
  }
}
