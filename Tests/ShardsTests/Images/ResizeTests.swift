import Shards
import Tensors
import Testing

/// An image with sharp edges: what Pillow made of the same bytes gives the hashes below.
func pattern(width: Int, height: Int) -> RGBImage {
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for c in 0..<3 { pixels.append(UInt8(truncatingIfNeeded: x * 7 + y * 13 + c * 29 + x * y * 3 / (c + 1))) }
    }
  }
  return RGBImage(width: width, height: height, pixels: pixels)
}

@Suite struct ResizeTests {
  struct ResizeGolden: Sendable {
    let width: Int
    let height: Int
    let size: Int
    let hash: UInt64

    init(_ width: Int, _ height: Int, _ size: Int, _ hash: UInt64) {
      (self.width, self.height, self.size, self.hash) = (width, height, size, hash)
    }
  }

  /// By Pillow 13.0: `resize((w', h'), BILINEAR)` with the shorter side of `size`, then the middle `size` × `size`.
  @Test(arguments: [
    ResizeGolden(37, 23, 8, 0x4EEF38FE181D707C),
    ResizeGolden(23, 37, 8, 0x851753F944B29BAF),
    ResizeGolden(100, 100, 33, 0x02979DC8BDFD680F),
    ResizeGolden(500, 375, 224, 0x0F005FD0F9E6F337),
    ResizeGolden(32, 32, 48, 0xA54E4A4D20F425F2),
    ResizeGolden(33, 31, 32, 0x77EA3078839E1D04),
    ResizeGolden(3, 200, 16, 0x4BE2E17B2AE15FDF),
    ResizeGolden(1, 1, 5, 0xC6635E941BEFF1BC),
    ResizeGolden(640, 480, 97, 0x604E82720909BD54),
  ])
  func equalsPillowToTheBit(golden: ResizeGolden) {
    let image = pattern(width: golden.width, height: golden.height).resizedCentreCrop(to: golden.size)
    #expect(image.width == golden.size && image.height == golden.size)
    #expect(fnv1a(image.pixels) == golden.hash)
  }

  struct CentreGolden: Sendable {
    let width: Int
    let height: Int
    let shorterSide: Int
    let crop: Int
    let hash: UInt64

    init(_ width: Int, _ height: Int, _ shorterSide: Int, _ crop: Int, _ hash: UInt64) {
      (self.width, self.height, self.shorterSide, self.crop) = (width, height, shorterSide, crop)
      self.hash = hash
    }
  }

  /// By Pillow 13.0, as torchvision's `Resize` and `CenterCrop` call it.
  @Test(arguments: [
    CentreGolden(100, 80, 64, 56, 0xB78E36DB78F0A129),
    CentreGolden(80, 101, 64, 56, 0x2F46EBD5100CD46B),
    CentreGolden(57, 57, 64, 56, 0xB36DD91D0E23BA8B),
    CentreGolden(300, 40, 36, 32, 0xD96E898C5E85FC9E),
  ])
  func evaluatesOnTheCropThatTorchvisionTakes(golden: CentreGolden) throws {
    let image = pattern(width: golden.width, height: golden.height)
    let shape = Shape(channels: 3, height: golden.height, width: golden.width)
    let source = MemorySource(.raw(shape), [image.pixels])
    let transform = ImageTransform(
      output: Shape(channels: 3, height: golden.crop, width: golden.crop),
      augmentation: .centre(resizedTo: golden.shorterSide), normalization: .unit(3))
    let sample = try AugmentedSample(0, epoch: 0, of: source, transform: transform, seed: 0)
    #expect(fnv1a(sample.image.pixels) == golden.hash)
  }

  @Test func keepsConstantColours() {
    for (width, height) in [(1, 1), (7, 300), (300, 7), (10_000, 1), (64, 64)] {
      let image = RGBImage(
        width: width, height: height, pixels: (0..<width * height).flatMap { _ in [0, 255, 77] as [UInt8] })
      let resized = image.resizedCentreCrop(to: 20)
      #expect(resized.pixels == (0..<400).flatMap { _ in [0, 255, 77] as [UInt8] })
    }
  }

  @Test func leavesImagesOfTheSizeAlone() {
    let image = pattern(width: 32, height: 32)
    #expect(image.resizedCentreCrop(to: 32) == image)
  }
}
