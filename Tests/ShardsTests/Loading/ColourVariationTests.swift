import Shards
import Tensors
import Testing

/// Brightness, contrast, saturation and lighting.
@Suite struct ColourVariationTests {
  private static let normalization = Normalization(mean: [0.5, 0.25, 0.125], deviation: [0.5, 2, 0.25])

  private func transform(
    _ colours: ColourVariation, channels: Int = 3, framing: Augmentation.Framing = .centre(resizedTo: nil),
    flips: Bool = false, normalization: Normalization = normalization
  ) -> ImageTransform {
    ImageTransform(
      output: Shape(channels: channels, height: 8, width: 8),
      augmentation: Augmentation(framing, flips: flips, colours: colours), normalization: normalization)
  }

  /// What a network sees of one sample in one epoch.
  private func input(_ source: MemorySource, epoch: Int, _ transform: ImageTransform, seed: UInt64) throws -> [Float] {
    let plan = BatchPlan(globalBatch: 1, microbatch: 1, leaves: 0..<1, firstStep: epoch, lastStep: epoch + 1)
    let loader = try BatchLoader(
      source: source, order: SampleOrder(count: 1, seed: seed), plan: plan, transform: transform, seed: seed,
      threads: 1, buffers: 1)
    let batch = try loader.next()
    return Array(batch.images)
  }

  private func stream(_ source: MemorySource, epoch: Int, seed: UInt64) -> RandomStream {
    RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
  }

  private func grey(_ colour: [Double]) -> Double { 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] }

  /// Colours in 0...1, normalised.
  private func normalized(_ colour: [Double]) -> [Double] {
    zip(colour, zip([0.5, 0.25, 0.125], [0.5, 2, 0.25])).map { ($0 - $1.0) / $1.1 }
  }

  private func expect(
    _ actual: [Float], _ expected: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let flat = expected.flatMap(\.self)
    #expect(actual.count == flat.count, sourceLocation: sourceLocation)
    let error = zip(actual, flat).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error < 1e-5, sourceLocation: sourceLocation)
  }

  /// fb.resnet.torch's `Lighting`, step by step, for draws that are made here.
  @Test func addsPrincipalColours() throws {
    let eigenvalues = [0.2175, 0.0188, 0.0045]
    let eigenvectors = [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
    let source = rawSamples(1, Shape(channels: 3, height: 8, width: 8))
    let transform = transform(ColourVariation(lighting: 0.1))
    for epoch in 0..<8 {
      var random = stream(source, epoch: epoch, seed: 21)
      let alpha = (0..<3).map { _ in 0.1 * random.normal() }
      let shift = eigenvectors.map { row in (0..<3).reduce(0) { $0 + row[$1] * alpha[$1] * eigenvalues[$1] } }
      #expect(shift.contains { abs($0) > 1e-4 })
      let expected = (0..<64).map { pixel in
        normalized((0..<3).map { Double(source.samples[0][3 * pixel + $0]) / 255 + shift[$0] })
      }
      expect(try input(source, epoch: epoch, transform, seed: 21), expected)
    }
  }

  /// fb.resnet.torch's three changes one after the other, in each of their orders: the same as ours, which has none.
  @Test func changesBrightnessContrastAndSaturationInAnyOrder() throws {
    let source = rawSamples(1, Shape(channels: 3, height: 8, width: 8), seed: 5)
    let transform = transform(ColourVariation(brightness: 0.4, contrast: 0.5, saturation: 0.6))
    for epoch in 0..<4 {
      var random = stream(source, epoch: epoch, seed: 2)
      let (b, c, s) = (random.uniform(0.6, 1.4), random.uniform(0.5, 1.5), random.uniform(0.4, 1.6))
      let changes: [([[Double]]) -> [[Double]]] = [
        { image in image.map { $0.map { $0 * b } } },
        { image in
          let mean = image.reduce(0) { $0 + grey($1) } / Double(image.count)
          return image.map { $0.map { $0 * c + (1 - c) * mean } }
        },
        { image in image.map { colour in colour.map { $0 * s + (1 - s) * grey(colour) } } },
      ]
      let actual = try input(source, epoch: epoch, transform, seed: 2)
      for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let image = (0..<64).map { pixel in (0..<3).map { Double(source.samples[0][3 * pixel + $0]) / 255 } }
        expect(actual, order.reduce(image) { changes[$1]($0) }.map(normalized))
      }
    }
  }

  /// Colours are drawn behind the crop and the mirror, and contrast takes its mean over the crop alone.
  @Test func comesBehindTheCrop() throws {
    let shape = Shape(channels: 3, height: 8, width: 20)
    let source = rawSamples(1, shape, seed: 7)
    let colours = ColourVariation(contrast: 0.9)
    let transform = transform(
      colours, framing: .scaledCrop(shorterSide: 8...8, inCentreSquare: false), flips: true)
    for epoch in 0..<6 {
      var random = stream(source, epoch: epoch, seed: 1)
      _ = (random.next(), random.next())
      let left = random.next(below: 13)
      let flip = random.next() >= 1 << 31
      let c = random.uniform(0.1, 1.9)
      let crop = (0..<64).map { place in
        let x = left + (flip ? 7 - place % 8 : place % 8)
        return (0..<3).map { Double(source.samples[0][(place / 8 * 20 + x) * 3 + $0]) / 255 }
      }
      let mean = crop.reduce(0) { $0 + grey($1) } / 64
      let expected = crop.map { normalized($0.map { $0 * c + (1 - c) * mean }) }
      expect(try input(source, epoch: epoch, transform, seed: 1), expected)
    }
  }

  /// A network of one channel sees the grey of the changed colours; grey images have no saturation.
  @Test func changesGrey() throws {
    let unit = Normalization.unit(1)
    let colours = ColourVariation(brightness: 0.5, contrast: 0.5, saturation: 0.5, lighting: 0.1)
    let colour = rawSamples(1, Shape(channels: 3, height: 8, width: 8))
    let plain = MemorySource(.raw(Shape(channels: 1, height: 8, width: 8)), [(0..<64).map { UInt8(4 * $0) }])
    for epoch in 0..<4 {
      var random = stream(colour, epoch: epoch, seed: 6)
      let (b, c) = (random.uniform(0.5, 1.5), random.uniform(0.5, 1.5))
      _ = random.next()
      let alpha = (0..<3).map { _ in 0.1 * random.normal() }
      let rows = [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
      let shift = rows.map { $0[0] * alpha[0] * 0.2175 + $0[1] * alpha[1] * 0.0188 + $0[2] * alpha[2] * 0.0045 }
      let grey = (0..<64).map { pixel in
        self.grey((0..<3).map { Double(colour.samples[0][3 * pixel + $0]) / 255 })
      }
      let mean = grey.reduce(0, +) / 64
      let seen = try input(colour, epoch: epoch, transform(colours, channels: 1, normalization: unit), seed: 6)
      for (value, grey) in zip(seen, grey) {
        // The grey of a pixel is a whole number of 255ths.
        #expect(abs(Double(value) - (b * c * grey + b * (1 - c) * mean + self.grey(shift))) < 0.6 * 2.25 / 255)
      }
      let levels = (0..<64).map { Double(4 * $0) / 255 }
      let middle = levels.reduce(0, +) / 64
      let expected = levels.map { level in
        normalized(shift.map { b * c * level + b * (1 - c) * middle + $0 })
      }
      expect(try input(plain, epoch: epoch, transform(colours), seed: 6), expected)
    }
  }

  @Test func drawsFromTheWholeRange() throws {
    let source = MemorySource(
      .raw(Shape(channels: 3, height: 8, width: 8)), [[UInt8](repeating: 100, count: 192)])
    let bright = transform(ColourVariation(brightness: 0.4), normalization: .unit(3))
    let lit = transform(ColourVariation(lighting: 0.1), normalization: .unit(3))
    var factors: [Double] = []
    var reds: [Double] = []
    for epoch in 0..<4000 {
      factors.append(Double(try input(source, epoch: epoch, bright, seed: 9)[0]) * 2.55)
      reds.append(Double(try input(source, epoch: epoch, lit, seed: 9)[0]) - 100.0 / 255)
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    #expect(abs(mean(factors) - 1) < 0.015)
    #expect(factors.allSatisfy { (0.6 - 1e-6...1.4 + 1e-6).contains($0) })
    #expect((factors.min() ?? 1) < 0.61 && (factors.max() ?? 1) > 1.39)
    // The variance of red: 0.1² times the squares of its three coefficients.
    let deviation = 0.1 * (0.5675 * 0.5675 * 0.2175 * 0.2175 + 0.7192 * 0.7192 * 0.0188 * 0.0188).squareRoot()
    #expect(abs(mean(reds)) < 4 * deviation / 4000.0.squareRoot())
    let measured = mean(reds.map { $0 * $0 }).squareRoot()
    #expect(abs(measured / deviation - 1) < 0.05)
  }

  /// Where nothing varies, nothing is drawn and nothing is computed anew.
  @Test func leavesColoursAlone() throws {
    let source = rawSamples(1, Shape(channels: 3, height: 8, width: 8))
    let plain = try input(source, epoch: 1, transform(ColourVariation()), seed: 4)
    let bytes = source.samples[0].enumerated().map { place, byte in
      (Float(byte) / 255 - Self.normalization.mean[place % 3]) / Self.normalization.deviation[place % 3]
    }
    #expect(plain == bytes)
  }

  /// Zeros around a padded image stay zeros.
  @Test func leavesPaddingAlone() throws {
    let source = rawSamples(1, Shape(channels: 3, height: 8, width: 8), seed: 3)
    let padded = transform(
      ColourVariation(brightness: 0.5, saturation: 0.5, lighting: 0.1), framing: .paddedCrop(padding: 3))
    for epoch in 0..<20 {
      var random = stream(source, epoch: epoch, seed: 12)
      let down = random.next(below: 7) - 3
      let across = random.next(below: 7) - 3
      let values = try input(source, epoch: epoch, padded, seed: 12)
      for place in 0..<64 {
        let inside = (0..<8).contains(place / 8 + down) && (0..<8).contains(place % 8 + across)
        #expect((values[3 * place..<3 * place + 3].allSatisfy { $0 == 0 }) == !inside)
      }
    }
  }
}
