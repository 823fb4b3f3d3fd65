import Glibc
import Shards

/// The rates of an input pipeline that runs alone.
struct LoaderRun {
  /// Of ten runs of batches, about equally long; of fewer when there are fewer batches.
  let imagesPerSecond: Measurements
  let images: Int
  let seconds: Double
  /// Of the shards, as stored.
  let bytes: Int
  /// Of all threads.
  let cpuSeconds: Double

  /// Takes `batches` batches as fast as they come, after `uncounted` others that fill the pipeline.
  init(_ loader: BatchLoader, of set: ShardSet, uncounted: Int, batches: Int) throws(ShardError) {
    for _ in 0..<uncounted { try loader.next().release() }
    let clock = ContinuousClock()
    let parts = min(10, batches)
    let cpuStart = Self.cpuSeconds
    let start = clock.now
    var images = 0
    var bytes = 0
    var rates: [Double] = []
    for part in 0..<parts {
      let partStart = clock.now
      let imagesBefore = images
      for _ in batches * part / parts..<batches * (part + 1) / parts {
        let batch = try loader.next()
        images += batch.count
        for index in batch.indices { bytes += set.byteCount(of: index) }
      }
      rates.append(Double(images - imagesBefore) / (clock.now - partStart).seconds)
    }
    seconds = (clock.now - start).seconds
    cpuSeconds = Self.cpuSeconds - cpuStart
    self.images = images
    self.bytes = bytes
    imagesPerSecond = Measurements(rates)
  }

  /// What this process has used of processors so far.
  private static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
  }
}
