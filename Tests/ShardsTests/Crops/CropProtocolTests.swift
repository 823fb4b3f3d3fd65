import Shards
import Tensors
import Testing

@Suite("Crops of evaluation protocols") struct CropProtocolTests {
  private func size(_ width: Int, _ height: Int) -> PixelSize { PixelSize(width: width, height: height) }

  /// Left and top of each crop.
  private func corners(_ crops: some Sequence<Crop>) -> [[Int]] {
    crops.map { [$0.columns.lowerBound, $0.rows.lowerBound] }
  }

  /// By hand: 500 × 375 becomes 341 × 256, so margins are 117 and 32.
  @Test func tenCropAsInTheField() {
    let crops = CropProtocol.tenCrop(resizedTo: 256).crops(of: size(500, 375), size: size(224, 224))
    #expect(crops.allSatisfy { $0.resized == size(341, 256) && $0.columns.count == 224 && $0.rows.count == 224 })
    #expect(corners(crops[..<5]) == [[0, 0], [117, 0], [0, 32], [117, 32], [58, 16]])
    #expect(Array(crops[5...]) == crops[..<5].map(\.mirrored))
    #expect(crops.map(\.isMirrored) == Array(repeating: false, count: 5) + Array(repeating: true, count: 5))
  }

  /// 37 × 23 becomes 16 × 10: margins of 9 and 3 around 7 pixels. Halves go to the even pixel.
  @Test func oddSizesByHand() {
    let odd = size(37, 23)
    let ten = CropProtocol.tenCrop(resizedTo: 10).crops(of: odd, size: size(7, 7))
    #expect(ten[0].resized == size(16, 10))
    #expect(corners(ten[..<5]) == [[0, 0], [9, 0], [0, 3], [9, 3], [4, 2]])

    let grid = CropProtocol.multiCrop(scales: [10]).crops(of: odd, size: size(7, 7))
    let columns = [0, 2, 4, 7, 9]
    let rows = [0, 1, 2, 2, 3]
    #expect(corners(grid[..<25]) == rows.flatMap { row in columns.map { [$0, row] } })
    #expect(Array(grid[25...]) == grid[..<25].map(\.mirrored))

    let squares = CropProtocol.googLeNet(scales: [10]).crops(of: odd, size: size(7, 7))
    let expected = [0, 3, 6].flatMap { left in
      [[0, 0], [3, 0], [0, 3], [3, 3], [2, 2], [0, 0]].map { [left + $0[0], $0[1]] }
    }
    #expect(corners(squares[..<18]) == expected)
    for (place, crop) in squares[..<18].enumerated() {
      let side = place % 6 == 5 ? 10 : 7
      #expect(crop.columns.count == side && crop.rows.count == side)
    }
    #expect(Array(squares[18...]) == squares[..<18].map(\.mirrored))

    let upright = CropProtocol.googLeNet(scales: [10]).crops(of: size(23, 37), size: size(7, 7))
    #expect(upright[0].resized == size(10, 16))
    #expect(corners(upright[..<18]) == expected.map { [$0[1], $0[0]] }.swappingCorners)
  }

  @Test func counts() {
    let image = size(500, 333)
    let input = size(224, 224)
    for (crops, count) in [
      (CropProtocol.tenCrop(resizedTo: 256), 10), (.multiCrop(scales: [256, 384, 512]), 150),
      (.googLeNet(scales: [256, 288, 320, 352]), 144),
    ] {
      let all = crops.crops(of: image, size: input)
      #expect(all.count == count && crops.count == count)
      #expect(Set(all).count == count, "crops of an image that is no square differ")
      for crop in all {
        #expect(
          min(crop.resized.width, crop.resized.height)
            == crops.scales[(all.firstIndex(of: crop) ?? 0) / (count / crops.scales.count)])
        #expect(crop.columns.upperBound <= crop.resized.width && crop.rows.upperBound <= crop.resized.height)
      }
    }
    // Of a square the three squares are the same, and count three times.
    #expect(CropProtocol.googLeNet(scales: [8]).crops(of: size(9, 9), size: size(7, 7)).count == 36)
  }

  /// The inputs of each image, from a loader.
  private func inputs(_ source: MemorySource, _ transform: ImageTransform, threads: Int = 1) throws -> [[Float]] {
    let loader = try BatchLoader(
      evaluating: 0..<source.count, of: source, microbatch: 2, transform: transform, threads: threads, buffers: 2)
    var all: [[Float]] = []
    for _ in 0..<loader.batchCount {
      let batch = try loader.next()
      let floats = transform.output.count * transform.views
      for image in 0..<batch.count { all.append(Array(batch.images[image * floats..<(image + 1) * floats])) }
    }
    return all
  }

  private func view(_ number: Int, _ input: [Float], _ output: Shape) -> [Float] {
    Array(input[number * output.count..<(number + 1) * output.count])
  }

  /// Without resizing a crop is a copy of pixels.
  @Test func cropsAreThePixels() throws {
    let stored = Shape(channels: 3, height: 10, width: 16)
    let output = Shape(channels: 3, height: 7, width: 7)
    let source = rawSamples(3, stored)
    for crops in [CropProtocol.tenCrop(resizedTo: 10), .multiCrop(scales: [10]), .googLeNet(scales: [10])] {
      let transform = ImageTransform(output: output, crops: crops, normalization: .unit(3))
      let all = try inputs(source, transform)
      for (sample, input) in zip(source.samples, all) {
        for (number, crop) in crops.crops(of: size(16, 10), size: size(7, 7)).enumerated() where crop.rows.count == 7 {
          var expected: [Float] = []
          for y in crop.rows {
            for x in crop.isMirrored ? Array(crop.columns.reversed()) : Array(crop.columns) {
              for channel in 0..<3 { expected.append(Float(sample[(y * 16 + x) * 3 + channel]) / 255) }
            }
          }
          #expect(view(number, input, output) == expected, "\(crops), crop \(number)")
        }
      }
    }
  }

  /// A square that is resized is the square cut out and then resized: left, central, right.
  @Test func squaresAreResized() throws {
    let image = pattern(width: 16, height: 10)
    let output = Shape(channels: 3, height: 7, width: 7)
    let source = MemorySource(.raw(Shape(channels: 3, height: 10, width: 16)), [image.pixels])
    let transform = ImageTransform(output: output, crops: .googLeNet(scales: [10]), normalization: .unit(3))
    let input = try inputs(source, transform)[0]
    for (place, left) in [0, 3, 6].enumerated() {
      var pixels: [UInt8] = []
      for y in 0..<10 { pixels += image.pixels[(y * 16 + left) * 3..<(y * 16 + left + 10) * 3] }
      let expected = RGBImage(width: 10, height: 10, pixels: pixels).resizedCentreCrop(to: 7).pixels
      let shown = view(6 * place + 5, input, output).map { Int(($0 * 255).rounded()) }
      // Filter weights of another origin may round otherwise by the last of their 22 bits.
      #expect(zip(shown, expected).allSatisfy { abs($0 - Int($1)) <= (left == 0 ? 0 : 1) })
    }
  }

  /// The centre of ten crops is the centre crop, and files give the same as raw pixels, on any threads.
  @Test func theCentreIsTheCentreCrop() throws {
    let images = (0..<4).map { smooth(width: 50 + 7 * $0, height: 41, phase: $0) }
    let files = MemorySource(.jpeg, try images.map { try $0.pngBytes() })
    let output = Shape(channels: 3, height: 28, width: 28)
    let centre = ImageTransform(output: output, augmentation: .centre(resizedTo: 32), normalization: .cifar10)
    let ten = ImageTransform(output: output, crops: .tenCrop(resizedTo: 32), normalization: .cifar10)
    let expected = try inputs(files, centre)
    for threads in [1, 3] {
      let all = try inputs(files, ten, threads: threads)
      #expect(all.map { view(4, $0, output) } == expected)
    }
    let raw = MemorySource(.raw(Shape(channels: 3, height: 41, width: 57)), [images[1].pixels])
    #expect(try inputs(raw, ten)[0] == inputs(files, ten)[1])
  }
}

extension [[Int]] {
  /// Corners named in the order of an upright image: there the crops of a square run along columns as well.
  fileprivate var swappingCorners: [[Int]] {
    indices.map { index in
      switch index % 6 {
      case 1: self[index + 1]
      case 2: self[index - 1]
      default: self[index]
      }
    }
  }
}
