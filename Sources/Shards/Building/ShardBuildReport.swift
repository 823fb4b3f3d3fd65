import Synchronization

/// What a build made.
public struct ShardBuildReport: Sendable {
  public var index: ShardIndex
  /// The images that were left out, sorted by path.
  public var unreadable: [UnreadableImage]
  /// How many images were stored as a new JPEG, because they were PNG or CMYK.
  public var reencoded: Int
  /// How many files were no images by their extension.
  public var ignoredFiles: Int
}

/// An image that could not be decoded.
public struct UnreadableImage: Error, Sendable, Hashable {
  public var path: String
  /// A sentence that names the image.
  public var reason: String
}

/// How far a long piece of work on shards is.
public struct ShardProgress: Sendable, Hashable {
  /// Images done, of `total`.
  public var done: Int
  public var total: Int
  /// The bytes of the images done.
  public var bytes: Int
}

/// Counts the images that several threads finish.
final class ProgressMeter: Sendable {
  private let state: Mutex<ShardProgress>
  private let report: @Sendable (ShardProgress) -> Void

  init(total: Int, report: @escaping @Sendable (ShardProgress) -> Void) {
    state = Mutex(ShardProgress(done: 0, total: total, bytes: 0))
    self.report = report
  }

  /// One more image of `bytes` bytes is done.
  func advance(bytes: Int) {
    state.withLock { state in
      state.done += 1
      state.bytes += bytes
      report(state)
    }
  }
}
