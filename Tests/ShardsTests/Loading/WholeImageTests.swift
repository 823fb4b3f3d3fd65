import Shards
import Tensors
import Testing

@Suite("Whole images") struct WholeImageTests {
  private func load(
    _ source: MemorySource, _ transform: WholeImageTransform, _ samples: Range<Int>, threads: Int, buffers: Int
  ) throws -> [WholeImage] {
    let loader = try WholeImageLoader(samples, of: source, transform: transform, threads: threads, buffers: buffers)
    return try (0..<loader.count).map { _ in try loader.next() }
  }

  private func files(_ count: Int) throws -> MemorySource {
    MemorySource(.jpeg, try (0..<count).map { try smooth(width: 40 + 5 * $0, height: 61, phase: $0).pngBytes() })
  }

  @Test(arguments: [(1, 1), (2, 3), (3, 2)]) func comeInOrder(threads: Int, buffers: Int) throws {
    let source = try files(9)
    let transform = WholeImageTransform(scales: [24, 31], normalization: .cifar10)
    let images = try load(source, transform, 1..<9, threads: threads, buffers: buffers)
    #expect(images.map(\.index) == Array(1..<9))
    #expect(images.map(\.label) == (1..<9).map { source.label(of: $0) })
    for image in images {
      let (width, height) = (40 + 5 * image.index, 61)
      for (scale, view) in zip([24, 31], image.views) {
        let shape =
          width <= height
          ? Shape(channels: 3, height: scale * height / width, width: scale)
          : Shape(channels: 3, height: scale, width: scale * width / height)
        #expect(view.shape == shape && view.floats.count == 2 * shape.count)
      }
    }
    let alone = try load(source, transform, 5..<6, threads: 1, buffers: 1)
    #expect(alone[0].views.map(\.floats) == images[4].views.map(\.floats))
  }

  /// At its own size an image is its pixels; behind it is its mirror image.
  @Test func areThePixels() throws {
    let shape = Shape(channels: 3, height: 6, width: 9)
    let source = rawSamples(2, shape)
    let images = try load(
      source, WholeImageTransform(scales: [6], normalization: .unit(3)), 0..<2, threads: 2, buffers: 2)
    for (sample, image) in zip(source.samples, images) {
      let values = sample.map { Float($0) / 255 }
      var mirrored: [Float] = []
      for y in 0..<6 { for x in (0..<9).reversed() { mirrored += values[(y * 9 + x) * 3..<(y * 9 + x + 1) * 3] } }
      #expect(image.views[0].shape == shape)
      #expect(image.views[0].floats == values + mirrored)
    }
  }

  /// The resized middle is what the centre crop of the same size sees.
  @Test func areResizedAsTheCentreCropIs() throws {
    let source = try files(3)
    let shape = Shape(channels: 3, height: 24, width: 24)
    let centre = try BatchLoader(
      evaluating: 0..<1, of: source, microbatch: 1,
      transform: ImageTransform(output: shape, augmentation: .centre(resizedTo: 24), normalization: .cifar10),
      threads: 1, buffers: 1)
    let expected = Array(try centre.next().images)
    let view = try load(
      source, WholeImageTransform(scales: [24], normalization: .cifar10), 0..<1, threads: 1, buffers: 1)[0].views[0]
    // 40 × 61 becomes 24 × 36: the middle begins at row 6.
    #expect(view.shape.height == 36)
    #expect(Array(view.floats[6 * 24 * 3..<30 * 24 * 3]) == expected)
  }

  @Test func greyNetworksSeeLuma() throws {
    let source = rawSamples(1, Shape(channels: 3, height: 4, width: 4))
    let images = try load(
      source, WholeImageTransform(scales: [4], normalization: .unit(1)), 0..<1, threads: 1, buffers: 1)
    #expect(images[0].views[0].shape == Shape(channels: 1, height: 4, width: 4))
    let pixel = source.samples[0].prefix(3).map(Double.init)
    let luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
    #expect(abs(Double(images[0].views[0].floats[0]) * 255 - luma) < 1)
  }

  @Test(arguments: [1, 3]) func throwAtTheirPlace(threads: Int) throws {
    var source = try files(8)
    source.samples[3][40] ^= 4
    let loader = try WholeImageLoader(
      0..<8, of: source, transform: WholeImageTransform(scales: [24], normalization: .cifar10), threads: threads,
      buffers: 4)
    for index in 0..<3 { #expect(try loader.next().index == index) }
    for _ in 0..<2 {
      let error = #expect(throws: ShardError.self) { try loader.next() }
      #expect(error?.description.contains("sample 3") == true)
    }
  }

  @Test func refuseWhatIsTooLong() throws {
    let source = MemorySource(.raw(Shape(channels: 3, height: 1, width: 3000)), [[UInt8](repeating: 7, count: 9000)])
    let loader = try WholeImageLoader(
      0..<1, of: source, transform: WholeImageTransform(scales: [256], normalization: .cifar10), threads: 1, buffers: 1)
    let error = #expect(throws: ShardError.self) { try loader.next() }
    #expect(error?.description.contains("3000×1 pixels, resized whole to 768000×256") == true)
  }
}
