import Glibc
import Shards
import Tensors
import Testing

@Suite struct AugmentationTests {
  /// What a network sees of one sample, taken from a loader.
  private func input(
    _ index: Int, epoch: Int, _ source: MemorySource, _ transform: ImageTransform, seed: UInt64
  ) throws -> [Float] {
    let order = SampleOrder(count: source.count, seed: seed)
    let positions = epoch * source.count..<(epoch + 1) * source.count
    let position = try #require(positions.first { order.sample(at: $0).index == index })
    let plan = BatchPlan(globalBatch: 1, microbatch: 1, leaves: 0..<1, firstStep: position, lastStep: position + 1)
    let loader = try BatchLoader(
      source: source, order: order, plan: plan, transform: transform, seed: seed, threads: 1, buffers: 1)
    let batch = try loader.next()
    #expect(batch.indices[0] == index)
    #expect(batch.labels[0] == Int32(source.label(of: index)))
    return Array(batch.images)
  }

  /// The steps of `torch_train.py`, one by one: normalise, pad with zeros, crop, mirror.
  private func cifarReference(_ bytes: [UInt8], _ random: inout RandomStream) -> [Float] {
    let mean: [Float] = [0.4914, 0.4822, 0.4465]
    let deviation: [Float] = [0.2470, 0.2435, 0.2616]
    var padded = [Float](repeating: 0, count: 40 * 40 * 3)
    for y in 0..<32 {
      for x in 0..<32 {
        for c in 0..<3 {
          padded[((y + 4) * 40 + x + 4) * 3 + c] = (Float(bytes[(y * 32 + x) * 3 + c]) / 255 - mean[c]) / deviation[c]
        }
      }
    }
    let top = random.next(below: 9)
    let left = random.next(below: 9)
    let flip = random.next() >= 1 << 31
    var result: [Float] = []
    for y in 0..<32 {
      for x in 0..<32 {
        for c in 0..<3 { result.append(padded[((y + top) * 40 + (flip ? 31 - x : x) + left) * 3 + c]) }
      }
    }
    return result
  }

  @Test func padsCropsAndFlipsAsTheCIFARRecipe() throws {
    let shape = Shape(channels: 3, height: 32, width: 32)
    let source = rawSamples(40, shape)
    let transform = ImageTransform(output: shape, augmentation: Augmentation(.cifar), normalization: .cifar10)
    for index in 0..<40 {
      for epoch in [0, 1, 5] {
        var random = RandomStream(seed: 11, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: index))
        let expected = cifarReference(source.samples[index], &random)
        #expect(try input(index, epoch: epoch, source, transform, seed: 11) == expected)
      }
    }
  }

  /// torchvision's `get_params`, with libm's exponential.
  private func resizedCropReference(
    width: Int, height: Int, _ random: inout RandomStream
  ) -> PixelPart {
    let logarithm = log(4.0 / 3)
    for _ in 0..<10 {
      let area = Double(width * height) * random.uniform(0.08, 1)
      let aspect = exp(random.uniform(-logarithm, logarithm))
      let w = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
      let h = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
      if w > 0, w <= width, h > 0, h <= height {
        let top = random.next(below: height - h + 1)
        return PixelPart(left: random.next(below: width - w + 1), top: top, width: w, height: h)
      }
    }
    let ratio = Double(width) / Double(height)
    var (w, h) = (width, height)
    if ratio < 0.75 { h = Int((Double(w) / 0.75).rounded(.toNearestOrEven)) }
    if ratio > 4.0 / 3 { w = Int((Double(h) * (4.0 / 3)).rounded(.toNearestOrEven)) }
    return PixelPart(left: (width - w) / 2, top: (height - h) / 2, width: w, height: h)
  }

  @Test(arguments: [(48, 40), (90, 60), (16, 16), (100, 9), (9, 100), (20, 200)])
  func cropsAndResizesAsTheImageNetRecipe(width: Int, height: Int) throws {
    let image = pattern(width: width, height: height)
    let source = MemorySource(.raw(Shape(channels: 3, height: height, width: width)), [image.pixels])
    let transform = ImageTransform(
      output: Shape(channels: 3, height: 16, width: 16), augmentation: Augmentation(.imagenet), normalization: .unit(3))
    for epoch in 0..<12 {
      var random = RandomStream(seed: 4, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
      let crop = resizedCropReference(width: width, height: height, &random)
      let flip = random.next() >= 1 << 31
      let expected = resized(image, crop, width: 16, height: 16)
      let sample = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 4)
      for y in 0..<16 {
        for x in 0..<16 {
          for c in 0..<3 {
            let value = Double(sample.image.pixels[(y * 16 + x) * 3 + c])
            // Rounded to 8 bits twice.
            #expect(abs(value - expected[(y * 16 + (flip ? 15 - x : x)) * 3 + c]) <= 1.01)
          }
        }
      }
    }
  }

  @Test(arguments: [(400, 300), (700, 512)])
  func decodesJPEGAtAFractionWhereTheCropAllows(width: Int, height: Int) throws {
    let image = smooth(width: width, height: height)
    let file = try image.jpegBytes(quality: 98)
    let source = MemorySource(.jpeg, [file])
    let transform = ImageTransform(
      output: Shape(channels: 3, height: 32, width: 32), augmentation: Augmentation(.imagenet), normalization: .unit(3))
    for epoch in 0..<6 {
      var random = RandomStream(seed: 8, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
      let crop = resizedCropReference(width: width, height: height, &random)
      let flip = random.next() >= 1 << 31
      let expected = resized(image, crop, width: 32, height: 32)
      let sample = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 8)
      var sum = 0.0
      for y in 0..<32 {
        for x in 0..<32 {
          for c in 0..<3 {
            let value = Double(sample.image.pixels[(y * 32 + x) * 3 + c])
            sum += abs(value - expected[(y * 32 + (flip ? 31 - x : x)) * 3 + c])
          }
        }
      }
      #expect(sum / 3072 < 2.5, "epoch \(epoch): the crop lies elsewhere")
    }
  }

  @Test func flipsHalfOfTheImagesAndPlacesCropsEverywhere() throws {
    // Pixels tell their place: red is x, green is y.
    let shape = Shape(channels: 3, height: 32, width: 32)
    var pixels: [UInt8] = []
    for y in 0..<32 {
      for x in 0..<32 { pixels += [UInt8(x + 1), UInt8(y + 1), 9] }
    }
    let source = MemorySource(.raw(shape), [pixels])
    let transform = ImageTransform(output: shape, augmentation: Augmentation(.cifar), normalization: .unit(3))
    var flips = 0
    var places: Set<[Int]> = []
    for epoch in 0..<2000 {
      let image = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 1).image
      let middle = (16 * 32 + 16) * 3
      let isFlipped = image.pixels[middle] > image.pixels[middle + 3]
      flips += isFlipped ? 1 : 0
      places.insert([
        Int(image.pixels[middle]) - (isFlipped ? 16 : 17), Int(image.pixels[middle + 1]) - 17,
      ])
    }
    #expect((900...1100).contains(flips))
    #expect(places == Set((-4...4).flatMap { x in (-4...4).map { [x, $0] } }))
  }

  @Test func evaluatesImagesOfTheInputsSizeAsTheyAre() throws {
    let image = pattern(width: 24, height: 24)
    let source = MemorySource(.raw(Shape(channels: 3, height: 24, width: 24)), [image.pixels])
    for augmentation in [Augmentation.centre(resizedTo: 28), .centre(resizedTo: nil), Augmentation(.none)] {
      let transform = ImageTransform(
        output: Shape(channels: 3, height: 24, width: 24), augmentation: augmentation, normalization: .cifar10)
      #expect(try AugmentedSample(0, epoch: 3, of: source, transform: transform, seed: 5).image == image)
    }
  }

  @Test func coversRectangularInputs() throws {
    let image = smooth(width: 60, height: 60)
    let source = MemorySource(.raw(Shape(channels: 3, height: 60, width: 60)), [image.pixels])
    for (height, width) in [(20, 50), (50, 20), (1, 60), (77, 90)] {
      let transform = ImageTransform(
        output: Shape(channels: 3, height: height, width: width), augmentation: Augmentation(.none),
        normalization: .unit(3))
      let shown = try AugmentedSample(0, epoch: 0, of: source, transform: transform, seed: 0).image
      #expect(shown.width == width && shown.height == height)
      let corner = (height / 2 * width + width / 2) * 3
      #expect(abs(Int(shown.pixels[corner]) - Int(image.pixels[(30 * 60 + 30) * 3])) < 12, "the middle stays")
    }
  }

  @Test func convertsBetweenGreyAndColour() throws {
    let colour: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]
    let grey: [UInt8] = [0, 100, 200, 255]
    // round(0.299 R + 0.587 G + 0.114 B)
    let cases: [(channels: Int, bytes: [UInt8], output: Int, expected: [Float])] = [
      (3, colour, 1, [76, 150, 29, 18]), (1, grey, 1, [0, 100, 200, 255]),
      (1, grey, 3, [0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255]), (3, colour, 3, colour.map(Float.init)),
    ]
    for (channels, bytes, output, expected) in cases {
      let source = MemorySource(.raw(Shape(channels: channels, height: 2, width: 2)), [bytes])
      let means: [Float] = [0.5, 0.25, 0.125]
      let normalization = Normalization(mean: Array(means[..<output]), deviation: [Float](repeating: 2, count: output))
      let transform = ImageTransform(
        output: Shape(channels: output, height: 2, width: 2), augmentation: Augmentation(.none),
        normalization: normalization)
      let values = try input(0, epoch: 0, source, transform, seed: 0)
      let normalized = expected.enumerated().map { ($1 / 255 - means[$0 % output]) / 2 }
      #expect(values == normalized)
    }
  }

  @Test func showsPaddingInTheMeanColour() throws {
    let shape = Shape(channels: 3, height: 32, width: 32)
    let source = MemorySource(.raw(shape), [[UInt8](repeating: 255, count: shape.count)])
    let transform = ImageTransform(output: shape, augmentation: Augmentation(.cifar), normalization: .cifar10)
    var colours: Set<[UInt8]> = []
    for epoch in 0..<20 {
      let image = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 0).image
      for pixel in 0..<1024 { colours.insert(Array(image.pixels[3 * pixel..<3 * pixel + 3])) }
    }
    #expect(colours == [[255, 255, 255], [125, 123, 114]])
  }

  @Test func presetsHaveTheirNames() {
    let names = ["none", "cifar", "imagenet", "alexnet", "overfeat", "vgg", "googlenet", "resnet"]
    #expect(Augmentation.Preset.allCases.map(\.rawValue) == names)
  }
}
