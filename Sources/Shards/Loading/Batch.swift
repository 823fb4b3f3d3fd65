/// A microbatch, ready for the network, in memory lent by a loader until the value ends or `release()` is called.
///
/// The pointers must not be used after that.
public struct Batch: ~Copyable {
  /// The step and the leaf of the global batch; step 0 and the number of the batch in an evaluation.
  public let step: Int
  public let leaf: Int
  /// The number of samples. Only the last batch of an evaluation may have fewer than a microbatch.
  public let count: Int
  /// Microbatch × height × width × channels floats, interleaved, aligned to 64 bytes; zeros beyond `count` samples.
  /// Where a sample has several views, they follow one another in its place.
  public let images: UnsafeBufferPointer<Float>
  /// One for each place of the microbatch; -1 beyond `count` samples.
  public let labels: UnsafeBufferPointer<Int32>
  /// The indices of the samples in their source, `count` of them.
  public let indices: UnsafeBufferPointer<Int>

  private let number: Int
  private let ring: BatchRing

  init(_ slot: BatchSlot, number: Int, _ sequence: BatchSequence, from ring: BatchRing) {
    (step, leaf) = sequence.place(of: number)
    count = sequence.sampleCount(of: number)
    images = UnsafeBufferPointer(slot.images)
    labels = UnsafeBufferPointer(slot.labels)
    indices = UnsafeBufferPointer(rebasing: slot.indices[..<count])
    self.number = number
    self.ring = ring
  }

  deinit { ring.release(number) }

  /// Gives the memory back, to be filled again.
  public consuming func release() {}
}
