import Tensors

/// Delivers microbatches in order, read, decoded and augmented ahead of time by threads of its own.
///
/// What it delivers is a function of (source, order, plan, transform, seed): not of threads or buffers. It is used by
/// one thread; its own threads end with it.
public final class BatchLoader {
  /// The number of batches that it delivers in all.
  public let batchCount: Int
  /// The number of batches delivered so far.
  public private(set) var delivered = 0
  /// The time that `next()` has waited for batches so far.
  public private(set) var waited: Duration = .zero

  private let ring: BatchRing
  private let threads: [LoaderThread]
  private var failure: ShardError?

  /// Loads for training: for each step of `plan`, each of its leaves, with `buffers` batches filled ahead.
  public convenience init(
    source: any SampleSource, order: SampleOrder, plan: BatchPlan, transform: ImageTransform, seed: UInt64,
    threads: Int, buffers: Int
  ) throws(ShardError) {
    precondition(order.count == source.count, "the order is of another number of samples")
    try self.init(
      .training(plan, order), source: source, transform: transform, seed: seed, threads: threads, buffers: buffers)
  }

  /// Loads for evaluation: each sample of `samples` once, in order; the last batch may be smaller than `microbatch`.
  ///
  /// Randomness, if `transform` has any, is that of seed 0, epoch 0.
  public convenience init(
    evaluating samples: Range<Int>, of source: any SampleSource, microbatch: Int, transform: ImageTransform,
    threads: Int, buffers: Int
  ) throws(ShardError) {
    precondition(samples.lowerBound >= 0 && samples.upperBound <= source.count, "there are no such samples")
    precondition(microbatch > 0, "batches are not empty")
    try self.init(
      .evaluation(samples, microbatch: microbatch), source: source, transform: transform, seed: 0, threads: threads,
      buffers: buffers)
  }

  private init(
    _ sequence: BatchSequence, source: any SampleSource, transform: ImageTransform, seed: UInt64, threads: Int,
    buffers: Int
  ) throws(ShardError) {
    precondition(threads > 0 && buffers > 0, "a loader has threads and buffers")
    let ring = BatchRing(sequence, values: transform.output.count * transform.views, threads: threads, buffers: buffers)
    var started: [LoaderThread] = []
    do throws(ShardError) {
      for number in 0..<threads {
        let thread = try LoaderThread(named: "convoy-load-\(number)") {
          ring.fill(from: source, through: transform, seed: seed)
        }
        started.append(thread)
      }
    } catch {
      ring.stop()
      for thread in started { thread.join() }
      throw error
    }
    batchCount = sequence.count
    self.ring = ring
    self.threads = started
  }

  deinit {
    ring.stop()
    for thread in threads { thread.join() }
  }

  /// The next batch; waits until it is filled. There must be one left, and a buffer that is not lent.
  ///
  /// Throws, in place of the batch it belongs to, the error of the first sample that could not be loaded, and from then
  /// on always.
  public func next() throws(ShardError) -> Batch {
    if let failure { throw failure }
    precondition(delivered < batchCount, "all batches were delivered")
    do throws(ShardError) {
      let batch = try ring.lend(delivered, waited: &waited)
      delivered += 1
      return batch
    } catch {
      failure = error
      throw error
    }
  }
}
