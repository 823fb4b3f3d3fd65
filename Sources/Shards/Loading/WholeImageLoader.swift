/// Delivers whole images of any sizes in order, read, decoded and resized ahead of time by threads of its own.
///
/// It is used by one thread; its own threads end with it.
public final class WholeImageLoader {
  /// The number of images that it delivers in all.
  public let count: Int
  private let queue: ImageQueue
  private let threads: [LoaderThread]
  private var failure: ShardError?

  /// Loads each sample of `samples` once, in order, with `buffers` images made ahead.
  public init(
    _ samples: Range<Int>, of source: any SampleSource, transform: WholeImageTransform, threads: Int, buffers: Int
  ) throws(ShardError) {
    precondition(samples.lowerBound >= 0 && samples.upperBound <= source.count, "there are no such samples")
    precondition(threads > 0 && buffers > 0, "a loader has threads and buffers")
    let queue = ImageQueue(samples, buffers: buffers)
    var started: [LoaderThread] = []
    do throws(ShardError) {
      for number in 0..<threads {
        started.append(
          try LoaderThread(named: "convoy-load-\(number)") { queue.fill(from: source, through: transform) })
      }
    } catch {
      queue.stop()
      for thread in started { thread.join() }
      throw error
    }
    count = samples.count
    self.queue = queue
    self.threads = started
  }

  deinit {
    queue.stop()
    for thread in threads { thread.join() }
  }

  /// The next image, of which there must be one left; waits until it is there.
  ///
  /// Throws, in its place, the error of a sample that could not be loaded, and from then on always.
  public func next() throws(ShardError) -> WholeImage {
    if let failure { throw failure }
    do throws(ShardError) {
      return try queue.next()
    } catch {
      failure = error
      throw error
    }
  }
}

/// Images on their way from the threads that make them to the one that takes them: image i waits in slot i mod K.
private final class ImageQueue: @unchecked Sendable {
  // Sound because every stored variable is used only while `monitor` is held.

  private let samples: Range<Int>
  private let monitor = Monitor()
  private var slots: [Result<WholeImage, ShardError>?]
  private var isStopping = false
  /// Images that threads have begun with, and images that were delivered.
  private var begun = 0
  private var delivered = 0

  init(_ samples: Range<Int>, buffers: Int) {
    self.samples = samples
    slots = [Result<WholeImage, ShardError>?](repeating: nil, count: buffers)
  }

  /// Makes images until all are made or the queue is stopped: the life of a loader's thread.
  func fill(from source: any SampleSource, through transform: WholeImageTransform) {
    var reader = WholeImageReader(source, transform)
    while let number = begin() {
      do throws(ShardError) {
        finish(number, .success(try reader.read(samples.lowerBound + number)))
      } catch {
        finish(number, .failure(error))
      }
    }
  }

  /// The number of the next image to be made; waits while there is no room; nil when there is none.
  private func begin() -> Int? {
    monitor.lock()
    defer { monitor.unlock() }
    while !isStopping, begun < samples.count, begun - delivered >= slots.count { monitor.wait(for: .room) }
    guard !isStopping, begun < samples.count else { return nil }
    begun += 1
    return begun - 1
  }

  private func finish(_ number: Int, _ image: Result<WholeImage, ShardError>) {
    monitor.lock()
    defer { monitor.unlock() }
    slots[number % slots.count] = image
    monitor.wakeAll(waitingFor: .batch)
  }

  func next() throws(ShardError) -> WholeImage {
    monitor.lock()
    defer { monitor.unlock() }
    precondition(delivered < samples.count, "all images were delivered")
    let slot = delivered % slots.count
    while true {
      if let image = slots[slot] {
        slots[slot] = nil
        delivered += 1
        monitor.wakeAll(waitingFor: .room)
        return try image.get()
      }
      monitor.wait(for: .batch)
    }
  }

  func stop() {
    monitor.lock()
    defer { monitor.unlock() }
    isStopping = true
    monitor.wakeAll(waitingFor: .room)
  }
}
