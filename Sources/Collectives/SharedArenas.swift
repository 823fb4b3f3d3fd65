import MessagePassing

/// The arenas of a gradient exchange in the shared memory of a node.
///
/// One copy of the weights with the summed replicated tail behind them, and every rank's gradient buffers, each with
/// its replicated tail behind the gradients. Offsets mean the same in all of them.
struct SharedArenas: ~Copyable {
  /// What ranks of a node tell each other.
  enum Counter: Int, CaseIterable {
    /// The buckets completed since the run began.
    case buckets
    /// The steps whose replicated tail is complete.
    case replicated
    /// The steps that a rank has finished.
    case finished
  }

  private let valueMemory: SharedMemory
  private let gradientMemory: SharedMemory
  private let floatsPerBuffer: Int

  /// The node's weights, then the summed replicated tail.
  let values: UnsafeMutablePointer<Float>

  /// Room for `floats` per buffer and `buffers` buffers for this rank.
  ///
  /// Collective.
  init(on world: borrowing Communicator, floats: Int, buffers: Int) throws(MessagePassingError) {
    // A cache line more at least, so that buffers of round sizes do not all map to the same cache sets.
    let floatsPerBuffer = (floats + 15) / 16 * 16 + 16
    let valueMemory = try SharedMemory(on: world, floats: world.localRank == 0 ? floatsPerBuffer : 0)
    gradientMemory = try SharedMemory(
      on: world, floats: buffers * floatsPerBuffer, counters: Counter.allCases.count)
    guard let values = valueMemory.floats(of: 0).baseAddress else { preconditionFailure("Arenas are never empty.") }
    self.values = values
    self.valueMemory = valueMemory
    self.floatsPerBuffer = floatsPerBuffer
  }

  /// Gradient buffer `index` of a local rank.
  func gradients(_ index: Int, of localRank: Int) -> UnsafeMutablePointer<Float> {
    let floats = gradientMemory.floats(of: localRank)
    precondition((index + 1) * floatsPerBuffer <= floats.count && index >= 0, "There is no gradient buffer \(index).")
    guard let start = floats.baseAddress else { preconditionFailure("Arenas are never empty.") }
    return start + index * floatsPerBuffer
  }

  func counter(_ counter: Counter, of localRank: Int) -> SharedCounter {
    gradientMemory.counter(counter.rawValue, of: localRank)
  }

  /// Gives the memory back.
  ///
  /// Collective over the node.
  consuming func free() throws(MessagePassingError) {
    try gradientMemory.free()
    try valueMemory.free()
  }
}
