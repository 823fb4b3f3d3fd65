import Shards
import Tensors
import Testing

/// Random crops of images whose shorter side is resized.
@Suite struct ScaledCropTests {
  private func transform(
    _ sides: ClosedRange<Int>, inCentreSquare: Bool = false, height: Int = 16, width: Int = 16
  ) -> ImageTransform {
    ImageTransform(
      output: Shape(channels: 3, height: height, width: width),
      augmentation: Augmentation(.scaledCrop(shorterSide: sides, inCentreSquare: inCentreSquare), flips: true),
      normalization: .unit(3))
  }

  private func raw(_ image: RGBImage) -> MemorySource {
    MemorySource(.raw(Shape(channels: 3, height: image.height, width: image.width)), [image.pixels])
  }

  /// An image that needs no resizing is only cut, at the drawn place, in all of it or in its middle square.
  @Test(arguments: [(40, 30), (30, 41), (30, 30)], [false, true])
  func cutsImagesThatFit(size: (Int, Int), inCentreSquare: Bool) throws {
    let (width, height) = size
    let image = pattern(width: width, height: height)
    let source = raw(image)
    let transform = transform(30...30, inCentreSquare: inCentreSquare, height: 12, width: 16)
    var places: Set<[Int]> = []
    for epoch in 0..<8000 {
      var random = RandomStream(seed: 3, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
      _ = random.next()  // The shorter side, of which there is one.
      let room = inCentreSquare ? (width: 30, height: 30) : (width: width, height: height)
      // Halves of pixels round to even, as where evaluation takes the middle.
      func margin(_ pixels: Int) -> Int { Int((Double(pixels) / 2).rounded(.toNearestOrEven)) }
      let top = margin(height - room.height) + random.next(below: room.height - 11)
      let left = margin(width - room.width) + random.next(below: room.width - 15)
      let flip = random.next() >= 1 << 31
      places.insert([top, left])
      guard epoch < 60 else { continue }
      let shown = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 3).image
      for y in 0..<12 {
        for x in 0..<16 {
          let from = ((top + y) * width + left + (flip ? 15 - x : x)) * 3
          #expect(shown.pixels[(y * 16 + x) * 3..<(y * 16 + x) * 3 + 3] == image.pixels[from..<from + 3])
        }
      }
    }
    let (rows, columns) = inCentreSquare ? (19, 15) : (height - 11, width - 15)
    #expect(places.count == rows * columns, "not all places are drawn")
  }

  /// Every shorter side of the range comes up, and the crop is one of the image resized to it.
  @Test(arguments: [(60, 45), (45, 61), (24, 24), (90, 20)])
  func resizesToARandomShorterSide(width: Int, height: Int) throws {
    let image = pattern(width: width, height: height)
    let source = raw(image)
    let transform = transform(20...28)
    var sides: Set<Int> = []
    for epoch in 0..<80 {
      var random = RandomStream(seed: 5, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
      let side = 20 + random.next(below: 9)
      sides.insert(side)
      let shorter = min(width, height)
      let size = (width: width * side / shorter, height: height * side / shorter)
      let top = random.next(below: size.height - 15)
      let left = random.next(below: size.width - 15)
      let flip = random.next() >= 1 << 31
      guard epoch < 16 else { continue }
      let whole = resized(image, PixelPart(width: width, height: height), width: size.width, height: size.height)
      let shown = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 5).image
      for y in 0..<16 {
        for x in 0..<16 {
          for c in 0..<3 {
            let expected = whole[((top + y) * size.width + left + (flip ? 15 - x : x)) * 3 + c]
            // Rounded to 8 bits twice.
            #expect(abs(Double(shown.pixels[(y * 16 + x) * 3 + c]) - expected) <= 1.01)
          }
        }
      }
    }
    #expect(sides == Set(20...28))
  }

  /// A file that is decoded at half its size shows the same crop.
  @Test func decodesJPEGAtAFractionWhereTheCropAllows() throws {
    let image = smooth(width: 400, height: 300)
    let source = MemorySource(.jpeg, [try image.jpegBytes(quality: 98)])
    let transform = transform(40...60, height: 32, width: 32)
    for epoch in 0..<6 {
      var random = RandomStream(seed: 8, purpose: .augmentation, epoch: epoch, sample: source.sampleID(of: 0))
      let side = 40 + random.next(below: 21)
      let size = (width: 400 * side / 300, height: side)
      let top = random.next(below: size.height - 31)
      let left = random.next(below: size.width - 31)
      let flip = random.next() >= 1 << 31
      let whole = resized(image, PixelPart(width: 400, height: 300), width: size.width, height: size.height)
      let shown = try AugmentedSample(0, epoch: epoch, of: source, transform: transform, seed: 8).image
      var sum = 0.0
      for y in 0..<32 {
        for x in 0..<32 {
          for c in 0..<3 {
            let expected = whole[((top + y) * size.width + left + (flip ? 31 - x : x)) * 3 + c]
            sum += abs(Double(shown.pixels[(y * 32 + x) * 3 + c]) - expected)
          }
        }
      }
      #expect(sum / 3072 < 2.5, "epoch \(epoch): the crop lies elsewhere")
    }
  }

  @Test func presetsAreThoseOfThePapers() {
    func framing(_ preset: Augmentation.Preset) -> Augmentation.Framing { Augmentation(preset).framing }
    #expect(framing(.alexnet) == .scaledCrop(shorterSide: 256...256, inCentreSquare: true))
    #expect(framing(.overfeat) == .scaledCrop(shorterSide: 256...256, inCentreSquare: false))
    #expect(framing(.vgg) == .scaledCrop(shorterSide: 256...512, inCentreSquare: false))
    #expect(framing(.resnet) == .scaledCrop(shorterSide: 256...480, inCentreSquare: false))
    #expect(framing(.googlenet) == framing(.imagenet))
    let lit = Augmentation.Preset.allCases.filter { Augmentation($0).colours.lighting == 0.1 }
    #expect(lit == [.alexnet, .vgg, .googlenet, .resnet])
    #expect(Augmentation.Preset.allCases.filter { !Augmentation($0).flips } == [.none])
  }
}
