import CHDF5
import Synchronization

/// The door to libhdf5: one caller at a time, errors as thrown sentences.
///
/// Serial builds of the library are not thread-safe, so every call runs under one lock. Never call in from inside a
/// call: the lock is not re-entrant.
enum Library {
  private static let isStarted = Mutex(false)

  /// Runs `body` alone in the library.
  static func run<Result: ~Copyable>(_ body: () -> Result) -> Result {
    isStarted.withLock { isStarted in
      if !isStarted {
        _ = H5open()
        // A file may name a filter that the library would load from HDF5_PLUGIN_PATH: no code comes from data.
        _ = H5PLset_loading_state(0)
        isStarted = true
      }
      chdf5_silence_errors()
      return body()
    }
  }

  /// Runs a call that reports failure by a negative result; `action` completes "Could not …".
  @discardableResult
  static func call<Status: SignedInteger>(
    _ action: @autoclosure () -> String, _ body: () -> Status
  ) throws(HDF5Error) -> Status {
    var message = ""
    let status = run {
      let status = body()
      if status < 0 { message = deepestError() }
      return status
    }
    guard status >= 0 else { throw HDF5Error(action: action(), libraryMessage: message) }
    return status
  }

  private static func deepestError() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { text in
      guard let base = text.baseAddress else { return "" }
      chdf5_deepest_error(base, text.count)
      return String(cString: base)
    }
  }
}

/// The one owner of an HDF5 identifier: files, datasets, dataspaces, types and property lists all end here.
struct Identifier: ~Copyable {
  let raw: hid_t

  /// Owns what `body` creates; `action` completes "Could not …".
  init(_ action: @autoclosure () -> String, _ body: () -> hid_t) throws(HDF5Error) {
    raw = try Library.call(action(), body)
  }

  /// Gives the identifier back, and says whether the library managed to write what was still pending.
  consuming func close(_ action: @autoclosure () -> String) throws(HDF5Error) {
    let raw = raw
    discard self
    try Library.call(action()) { H5Idec_ref(raw) }
  }

  deinit {
    let raw = raw
    _ = Library.run { H5Idec_ref(raw) }
  }
}
