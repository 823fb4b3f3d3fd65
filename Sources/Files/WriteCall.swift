import Glibc

/// The system calls that change what is on disk: all of them pass through here, where tests inject faults.
package enum WriteCall: String, Sendable {
  case create, makeFolder, reserve, write, truncate, sync, syncFolder, close, changeMode, rename, exchange, remove
  case removeFolder
}

extension WriteCall {
  /// Runs `call` until no signal interrupts it, and returns its result.
  ///
  /// `call` gets the greatest number of bytes it may write and returns a negated error number on failure.
  @discardableResult
  func perform(
    _ verb: String, _ path: String, limit: Int = .max, _ call: (_ limit: Int) -> Int
  ) throws(FileError) -> Int {
    while true {
      let fault = WriteFaults.active?.next(self, path)
      let result =
        switch fault {
        case nil: call(limit)
        case .fail(let code)?: failed(-Int(code), call)
        case .short(let bytes)?: call(min(limit, bytes))
        case .kill?: die()
        }
      guard result < 0 else { return result }
      let code = Int32(-result)
      guard code == EINTR else { throw FileError(verb, path, code: code) }
      // Linux has released the descriptor even when close says that it was interrupted.
      if self == .close { return 0 }
    }
  }

  /// An injected failure; a descriptor is closed all the same, as the system does.
  private func failed(_ result: Int, _ call: (Int) -> Int) -> Int {
    if self == .close { _ = call(.max) }
    return result
  }

  private func die() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
  }
}

/// The result of a system call that returns -1 and sets errno, as a value or a negated error number.
func outcome(_ result: some BinaryInteger) -> Int { result < 0 ? -Int(errno) : Int(result) }
