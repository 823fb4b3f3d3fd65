import Glibc
import Shards
import Tensors
import Testing

@Suite struct BatchLoaderTests {
  /// A batch, copied out of the loader's memory.
  private struct Copy: Equatable {
    var step: Int
    var leaf: Int
    var images: [Float]
    var labels: [Int32]
    var indices: [Int]

    init(_ batch: borrowing Batch) {
      step = batch.step
      leaf = batch.leaf
      images = Array(batch.images)
      labels = Array(batch.labels)
      indices = Array(batch.indices)
    }
  }

  private let shape = Shape(channels: 3, height: 32, width: 32)

  private var cifar: ImageTransform {
    ImageTransform(output: shape, augmentation: Augmentation(.cifar), normalization: .cifar10)
  }

  /// All that is drawn beside the two presets above it.
  private var scaledAndColoured: ImageTransform {
    let colours = ColourVariation(brightness: 0.4, contrast: 0.4, saturation: 0.4, lighting: 0.1)
    return ImageTransform(
      output: shape,
      augmentation: Augmentation(
        .scaledCrop(shorterSide: 32...48, inCentreSquare: false), flips: true, colours: colours),
      normalization: .cifar10)
  }

  private func copies(_ loader: BatchLoader) throws -> [Copy] {
    var all: [Copy] = []
    for _ in 0..<loader.batchCount {
      let batch = try loader.next()
      all.append(Copy(batch))
    }
    return all
  }

  private func train(
    _ source: MemorySource, _ transform: ImageTransform, leaves: Range<Int>, steps: Range<Int>, threads: Int,
    buffers: Int
  ) throws -> [Copy] {
    let plan = BatchPlan(
      globalBatch: 24, microbatch: 6, leaves: leaves, firstStep: steps.lowerBound, lastStep: steps.upperBound)
    return try copies(
      BatchLoader(
        source: source, order: SampleOrder(count: source.count, seed: 6), plan: plan, transform: transform, seed: 6,
        threads: threads, buffers: buffers))
  }

  private func jpegSamples(_ count: Int) throws -> MemorySource {
    let files = try (0..<count).map { index in
      let image = smooth(width: 40 + 9 * index, height: 130 - 7 * index, phase: index)
      return try index % 5 == 4 ? image.pngBytes() : image.jpegBytes(quality: 80)
    }
    return MemorySource(.jpeg, files)
  }

  @Test(arguments: [1, 2, 3, 4], [1, 2, 5])
  func deliversTheSameFromAnyThreadsAndBuffers(threads: Int, buffers: Int) throws {
    let raw = rawSamples(50, shape)
    let imagenet = ImageTransform(output: shape, augmentation: Augmentation(.imagenet), normalization: .cifar10)
    let files = try jpegSamples(13)
    let scaled = scaledAndColoured
    for (source, transform) in [
      (raw, cifar), (raw, imagenet), (raw, scaled), (files, imagenet), (files, cifar), (files, scaled),
    ] {
      let expected = try train(source, transform, leaves: 0..<4, steps: 0..<5, threads: 1, buffers: 20)
      let got = try train(source, transform, leaves: 0..<4, steps: 0..<5, threads: threads, buffers: buffers)
      #expect(got == expected)
    }
  }

  @Test(arguments: [[0, 4], [0, 1, 4], [0, 2, 4], [0, 1, 2, 3, 4]])
  func deliversTheSameToAnyPartitionOfLeavesAndFromAnyStep(bounds: [Int]) throws {
    let source = rawSamples(50, shape)
    for transform in [cifar, scaledAndColoured] {
      let whole = try train(source, transform, leaves: 0..<4, steps: 0..<6, threads: 2, buffers: 3)
      var parts: [Copy] = []
      for (first, last) in zip(bounds, bounds.dropFirst()) {
        parts += try train(source, transform, leaves: first..<last, steps: 0..<2, threads: 2, buffers: 2)
        parts += try train(source, transform, leaves: first..<last, steps: 2..<6, threads: 1, buffers: 3)
      }
      parts.sort { ($0.step, $0.leaf) < ($1.step, $1.leaf) }
      #expect(parts == whole)
    }
  }

  @Test func followsTheOrderOfSamples() throws {
    let source = rawSamples(50, shape)
    let order = SampleOrder(count: 50, seed: 6)
    let batches = try train(source, cifar, leaves: 1..<3, steps: 3..<9, threads: 2, buffers: 3)
    #expect(batches.map(\.step) == (3..<9).flatMap { [$0, $0] })
    #expect(batches.map(\.leaf) == (3..<9).flatMap { _ in [1, 2] })
    for batch in batches {
      let first = batch.step * 24 + batch.leaf * 6
      let expected = (first..<first + 6).map { order.sample(at: $0) }
      #expect(batch.indices == expected.map(\.index))
      #expect(batch.labels == expected.map { Int32(source.label(of: $0.index)) })
      for (place, sample) in expected.enumerated() {
        let shown = try AugmentedSample(
          sample.index, epoch: sample.epoch, of: source, transform: cifar, seed: 6)
        let pixels = batch.images[place * 3072..<(place + 1) * 3072].enumerated().map { offset, value in
          let (mean, deviation) = (Normalization.cifar10.mean[offset % 3], Normalization.cifar10.deviation[offset % 3])
          return UInt8(((value * deviation + mean) * 255).rounded())
        }
        #expect(pixels == shown.image.pixels)
      }
    }
  }

  @Test(arguments: [(0..<50, 8), (3..<20, 5), (7..<8, 4), (0..<48, 8), (9..<9, 4)], [1, 3])
  func evaluatesEachSampleOnce(_ range: (Range<Int>, Int), threads: Int) throws {
    let (samples, microbatch) = range
    let source = rawSamples(50, shape)
    let transform = ImageTransform(output: shape, augmentation: .centre(resizedTo: nil), normalization: .unit(3))
    // More batches than buffers, so that the last one lands in a used buffer.
    let loader = try BatchLoader(
      evaluating: samples, of: source, microbatch: microbatch, transform: transform, threads: threads, buffers: 2)
    let batches = try copies(loader)
    #expect(batches.count == (samples.count + microbatch - 1) / microbatch)
    #expect(batches.flatMap(\.indices) == Array(samples))
    for batch in batches {
      #expect(batch.labels.count == microbatch && batch.images.count == microbatch * 3072)
      let count = batch.indices.count
      let expected = batch.indices.flatMap { source.samples[$0].map { Float($0) / 255 } }
      #expect(Array(batch.images[..<(count * 3072)]) == expected)
      #expect(batch.images[(count * 3072)...].allSatisfy { $0 == 0 })
      #expect(batch.labels[count...].allSatisfy { $0 == -1 })
    }
  }

  @Test func alignsImagesAndLendsSeveralBatches() throws {
    let source = rawSamples(50, Shape(channels: 1, height: 5, width: 5))
    let transform = ImageTransform(
      output: Shape(channels: 1, height: 5, width: 5), augmentation: Augmentation(.none), normalization: .unit(1))
    let loader = try BatchLoader(
      evaluating: 0..<50, of: source, microbatch: 7, transform: transform, threads: 2, buffers: 3)
    let first = try loader.next()
    let second = try loader.next()
    for images in [first.images, second.images] {
      #expect(UInt(bitPattern: images.baseAddress) % 64 == 0)
    }
    second.release()
    let third = try loader.next()
    #expect(Array(first.indices) == Array(0..<7))
    #expect(Array(third.indices) == Array(14..<21))
    #expect(Array(first.images.prefix(25)) == source.samples[0].map { Float($0) / 255 })
    #expect(loader.delivered == 3)
  }

  @Test(arguments: [1, 2, 4])
  func throwsAtThePlaceOfADamagedSample(threads: Int) throws {
    var source = rawSamples(50, shape)
    source.samples[31][100] ^= 4
    source.samples[29][7] ^= 1
    let loader = try BatchLoader(
      evaluating: 0..<50, of: source, microbatch: 8, transform: cifar, threads: threads, buffers: 3)
    for _ in 0..<3 { _ = try loader.next() }
    for _ in 0..<2 {
      let error = #expect(throws: ShardError.self) { try loader.next().release() }
      #expect(error?.kind == .badData)
      #expect(error?.description.contains("sample 29 of memory.h5") == true)
    }
  }

  @Test func namesSamplesThatCannotBeDecoded() throws {
    let good = try smooth(width: 50, height: 40).jpegBytes(quality: 80)
    let wrong: [(SampleEncoding, [UInt8])] = [
      (.jpeg, Array(good.prefix(good.count / 2))), (.jpeg, []), (.jpeg, Array("<html>".utf8)),
      (.raw(shape), [1, 2, 3]), (.raw(shape), []),
    ]
    for (encoding, bytes) in wrong {
      let source = MemorySource(encoding, [bytes])
      let loader = try BatchLoader(
        evaluating: 0..<1, of: source, microbatch: 4, transform: cifar, threads: 2, buffers: 2)
      let error = #expect(throws: ShardError.self) { try loader.next().release() }
      #expect(error?.description.contains("sample 0 of memory.h5") == true)
    }
  }

  @Test func survivesDamagedFilesOfAllSorts() throws {
    var random = RandomStream(seed: 2, purpose: .test)
    let files = try jpegSamples(10).samples
    let imagenet = ImageTransform(output: shape, augmentation: Augmentation(.imagenet), normalization: .cifar10)
    for round in 0..<200 {
      var file = files[round % files.count]
      for _ in 0..<4 { file[random.next(below: file.count)] = UInt8(truncatingIfNeeded: random.next()) }
      let loader = try BatchLoader(
        evaluating: 0..<1, of: MemorySource(.jpeg, [file]), microbatch: 1, transform: imagenet, threads: 1, buffers: 1)
      do throws(ShardError) {
        let batch = try loader.next()
        #expect(batch.images.allSatisfy { $0.isFinite && abs($0) < 3 })
      } catch {
        #expect(error.kind == .badData)
      }
    }
  }

  @Test func endsItsThreadsWhereverItIsDropped() throws {
    let source = rawSamples(50, shape)
    for taken in [0, 1, 5, 12] {
      for threads in [1, 4] {
        let plan = BatchPlan(globalBatch: 8, microbatch: 4, leaves: 0..<2, firstStep: 0, lastStep: 6)
        var loader: BatchLoader? = try BatchLoader(
          source: source, order: SampleOrder(count: 50, seed: 0), plan: plan, transform: cifar, seed: 0,
          threads: threads, buffers: 3)
        for _ in 0..<taken { _ = try loader?.next() }
        // Joins: a thread that does not end would hang the test.
        loader = nil
      }
    }
  }

  @Test func keepsABatchThatOutlivesItsLoader() throws {
    let source = rawSamples(8, shape)
    var loader: BatchLoader? = try BatchLoader(
      evaluating: 0..<8, of: source, microbatch: 4, transform: cifar, threads: 2, buffers: 2)
    let batch = try #require(loader).next()
    loader = nil
    #expect(Array(batch.indices) == [0, 1, 2, 3])
    batch.release()
  }

  @Test func countsTheTimeItWaits() throws {
    let source = SlowSource(samples: rawSamples(4, shape))
    let loader = try BatchLoader(
      evaluating: 0..<4, of: source, microbatch: 2, transform: cifar, threads: 1, buffers: 1)
    #expect(loader.waited == .zero)
    _ = try loader.next()
    #expect(loader.waited > .zero)
  }

  /// A slow disk.
  private struct SlowSource: SampleSource {
    let samples: MemorySource
    var count: Int { samples.count }
    var encoding: SampleEncoding { samples.encoding }
    func label(of index: Int) -> Int { samples.label(of: index) }
    func sampleID(of index: Int) -> UInt64 { samples.sampleID(of: index) }
    func place(of index: Int) -> String { samples.place(of: index) }

    func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
      usleep(20_000)
      try samples.read(index, into: &buffer)
    }
  }

  @Test func runsThreadsThatTakeNoSignals() throws {
    let probe = SignalProbe(samples: rawSamples(4, shape))
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    let loader = try BatchLoader(
      evaluating: 0..<4, of: probe, microbatch: 4, transform: cifar, threads: 2, buffers: 1)
    // The probe throws unless every signal that may be blocked is.
    _ = try loader.next()
    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    let signals = 1..<65 as Range<Int32>
    #expect(signals.allSatisfy { sigismember(&before, $0) == sigismember(&after, $0) }, "the caller's mask is kept")
  }

  /// A source that looks at the thread it is read by.
  private struct SignalProbe: SampleSource {
    let samples: MemorySource
    var count: Int { samples.count }
    var encoding: SampleEncoding { samples.encoding }
    func label(of index: Int) -> Int { samples.label(of: index) }
    func sampleID(of index: Int) -> UInt64 { samples.sampleID(of: index) }
    func place(of index: Int) -> String { samples.place(of: index) }

    func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError) {
      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      for signal in [SIGTERM, SIGUSR1, SIGUSR2, SIGINT, SIGHUP, SIGCHLD, SIGALRM]
      where sigismember(&mask, signal) != 1 {
        throw ShardError(.io, "signal \(signal) is not blocked")
      }
      try samples.read(index, into: &buffer)
    }
  }
}
