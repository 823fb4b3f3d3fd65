/// What the consumer of batches and the threads that fill them share: the buffers, and who works on what.
///
/// Batch b lives in slot b mod K. Threads take runs of samples of the earliest batch that is not all taken, so that
/// they work together on what is needed first, and sleep while its slot is in use.
final class BatchRing: @unchecked Sendable {
  // Sound because every stored variable is used only while `monitor` is held; the memory of the slots is written only
  // by the thread that took the samples, and read only after the last of them was reported under the same lock.

  private let sequence: BatchSequence
  private let runLength: Int
  private let values: Int
  private let monitor = Monitor()
  private var slots: [BatchSlot]
  private var isStopping = false
  /// The next samples to be taken by a thread: batch and offset in it.
  private var takenBatch = 0
  private var takenOffset = 0

  /// `values` floats for each sample, all of its views together.
  init(_ sequence: BatchSequence, values: Int, threads: Int, buffers: Int) {
    self.sequence = sequence
    self.values = values
    // Short enough to share a batch among all threads, long enough to make the lock cheap for small images.
    runLength = max(1, min(16, sequence.microbatch / (4 * threads)))
    slots = (0..<buffers).map { _ in BatchSlot(microbatch: sequence.microbatch, values: values) }
  }

  deinit {
    for slot in slots { slot.deallocate() }
  }

  /// Some samples of one batch, taken by one thread.
  struct Run {
    var batch: Int
    var offsets: Range<Int>
    /// Where the whole batch goes.
    var slot: BatchSlot
  }

  /// Takes samples to be written; waits while there is no room; nil when all are taken or the loader is stopped.
  private func take() -> Run? {
    monitor.lock()
    defer { monitor.unlock() }
    while !isStopping, takenBatch < sequence.count, takenOffset == 0, slots[takenBatch % slots.count].batch != nil {
      monitor.wait(for: .room)
    }
    guard !isStopping, takenBatch < sequence.count else { return nil }
    let batch = takenBatch
    let count = sequence.sampleCount(of: batch)
    let index = batch % slots.count
    if takenOffset == 0 {
      slots[index].batch = batch
      slots[index].missing = count
      slots[index].failure = nil
      slots[index].clear(from: count, values: values)
    }
    let run = Run(
      batch: batch, offsets: takenOffset..<min(count, takenOffset + runLength), slot: slots[index])
    takenOffset = run.offsets.upperBound
    if takenOffset == count {
      takenBatch += 1
      takenOffset = 0
      // Nobody frees a slot for batches that do not exist: the last taker sends the others home.
      if takenBatch == sequence.count { monitor.wakeAll(waitingFor: .room) }
    }
    return run
  }

  private func finish(_ run: Run, _ failure: (offset: Int, error: ShardError)?) {
    monitor.lock()
    defer { monitor.unlock() }
    let index = run.batch % slots.count
    slots[index].missing -= run.offsets.count
    if let failure, failure.offset < slots[index].failure?.offset ?? .max { slots[index].failure = failure }
    if slots[index].missing == 0 { monitor.wakeAll(waitingFor: .batch) }
  }

  /// Fills batches until all are filled or the ring is stopped: the life of a loader's thread.
  func fill(from source: any SampleSource, through transform: ImageTransform, seed: UInt64) {
    var writer = InputWriter(source: source, transform: transform, seed: seed)
    while let run = take() {
      var failure: (offset: Int, error: ShardError)?
      for offset in run.offsets {
        let (epoch, index) = sequence.sample(at: offset, of: run.batch)
        guard let input = run.slot.images.baseAddress else { break }
        do throws(ShardError) {
          try writer.write(sample: index, epoch: epoch, to: input + offset * values)
          run.slot.labels[offset] = Int32(source.label(of: index))
          run.slot.indices[offset] = index
        } catch {
          failure = (offset, error)
          break
        }
      }
      finish(run, failure)
    }
  }

  /// Waits until batch `number` is filled and lends it. Throws the error of its first sample that could not be loaded.
  ///
  /// Adds the time it waited to `waited`.
  func lend(_ number: Int, waited: inout Duration) throws(ShardError) -> Batch {
    monitor.lock()
    defer { monitor.unlock() }
    let index = number % slots.count
    if let lent = slots[index].batch {
      precondition(lent == number, "all buffers of the loader are lent: release a batch before taking the next")
    }
    let clock = ContinuousClock()
    let start = clock.now
    while slots[index].batch != number || slots[index].missing > 0 { monitor.wait(for: .batch) }
    waited += start.duration(to: clock.now)
    if let failure = slots[index].failure { throw failure.error }
    return Batch(slots[index], number: number, sequence, from: self)
  }

  /// Takes batch `number` back.
  func release(_ number: Int) {
    monitor.lock()
    defer { monitor.unlock() }
    slots[number % slots.count].batch = nil
    monitor.wakeAll(waitingFor: .room)
  }

  /// Lets the threads end after the sample they are at.
  func stop() {
    monitor.lock()
    defer { monitor.unlock() }
    isStopping = true
    monitor.wakeAll(waitingFor: .room)
  }
}
