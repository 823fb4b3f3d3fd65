/// One reused buffer of a loader: the memory of a microbatch and how far it is filled.
struct BatchSlot {
  let images: UnsafeMutableBufferPointer<Float>
  let labels: UnsafeMutableBufferPointer<Int32>
  let indices: UnsafeMutableBufferPointer<Int>

  /// The batch that is in the slot, being filled or lent; nil if it is free.
  var batch: Int?
  /// The samples of the batch that are still to be written.
  var missing = 0
  /// The first of the samples that failed, by its place in the batch: the same whichever thread meets which first.
  var failure: (offset: Int, error: ShardError)?

  /// Memory for `microbatch` samples of `values` floats.
  init(microbatch: Int, values: Int) {
    let raw = UnsafeMutableRawBufferPointer.allocate(
      byteCount: microbatch * values * MemoryLayout<Float>.stride, alignment: 64)
    images = raw.bindMemory(to: Float.self)
    images.initialize(repeating: 0)
    labels = .allocate(capacity: microbatch)
    labels.initialize(repeating: -1)
    indices = .allocate(capacity: microbatch)
    indices.initialize(repeating: 0)
  }

  func deallocate() {
    images.deallocate()
    labels.deallocate()
    indices.deallocate()
  }

  /// Marks the places from `count` on as empty.
  func clear(from count: Int, values: Int) {
    guard count < labels.count else { return }
    images[(count * values)...].update(repeating: 0)
    labels[count...].update(repeating: -1)
  }
}
