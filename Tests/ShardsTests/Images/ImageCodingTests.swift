import Shards
import Tensors
import Testing

@Suite struct ImageCodingTests {
  private func decode(_ file: [UInt8], named name: String = "photo") throws(ShardError) -> RGBImage {
    try file.withUnsafeBufferPointer { (bytes) throws(ShardError) in
      try RGBImage(decoding: UnsafeRawBufferPointer(bytes), named: name)
    }
  }

  @Test(arguments: imageGoldens)
  func decodesWhatPillowDecodes(golden: ImageGolden) throws {
    let image = try decode(golden.file)
    #expect(image.width == golden.width && image.height == golden.height)
    #expect(image.pixels.count == golden.width * golden.height * 3)
    #expect(fnv1a(image.pixels) == golden.hash)
  }

  @Test(arguments: [(1, 1), (2, 3), (33, 17), (224, 224), (640, 11)])
  func keepsImagesThroughPNG(width: Int, height: Int) throws {
    let image = pattern(width: width, height: height)
    #expect(try decode(image.pngBytes()) == image)
  }

  @Test(arguments: [(1, 1), (9, 8), (33, 17), (224, 224)])
  func keepsImagesNearlyThroughJPEG(width: Int, height: Int) throws {
    let image = smooth(width: width, height: height)
    let again = try decode(image.jpegBytes(quality: 95))
    #expect(again.width == width && again.height == height)
    let error = zip(image.pixels, again.pixels).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) }
    #expect(error / Double(image.pixels.count) < 4)
  }

  @Test func makesSmallerFilesOfLowerQuality() throws {
    let image = smooth(width: 200, height: 100)
    #expect(try image.jpegBytes(quality: 20).count < image.jpegBytes(quality: 95).count)
  }

  @Test(
    arguments: [
      ([], "neither JPEG nor PNG"), ([0xFF, 0xD8], "neither JPEG nor PNG"), (Array("GIF89a".utf8), "neither"),
      ([0xFF, 0xD8, 0xFF], "damaged, its header says 0×0 pixels"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "damaged PNG"),
    ] as [([UInt8], String)])
  func refusesWhatIsNoImage(file: [UInt8], reason: String) {
    let error = #expect(throws: ShardError.self) { try decode(file, named: "cat.jpg") }
    #expect(error?.kind == .badData)
    #expect(error?.description.contains("cat.jpg") == true)
    #expect(error?.description.contains(reason) == true)
  }

  @Test func refusesHugeImagesByTheirHeaders() throws {
    // The size of a JPEG stands 5 bytes after its start-of-frame marker, that of a PNG at byte 16.
    let image = pattern(width: 16, height: 16)
    var jpeg = try image.jpegBytes(quality: 50)
    let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    for (height, width) in [(10_001, 10), (10, 10_001), (9000, 9000), (65_000, 65_000)] {
      jpeg.replaceSubrange(
        frame + 5..<frame + 9, with: [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) })
      let error = #expect(throws: ShardError.self) { try decode(jpeg) }
      #expect(error?.description.contains("\(width)×\(height) pixels are more than the limit") == true)
    }
    for (height, width) in [(10_001, 10), (9000, 9000)] {
      let png = pngHeader(width: width, height: height)
      let error = #expect(throws: ShardError.self) { try decode(png) }
      #expect(error?.description.contains("\(width)×\(height) pixels are more than the limit") == true)
    }
  }

  /// A PNG that ends after its header and the start of its data.
  private func pngHeader(width: Int, height: Int) -> [UInt8] {
    func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
      let named = Array(name.utf8) + body
      var crc: UInt32 = .max
      for byte in named {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
      return bigEndian(UInt32(body.count)) + named + bigEndian(~crc)
    }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]) + chunk("IDAT", [0])
  }

  @Test(arguments: imageGoldens)
  func refusesTruncatedFiles(golden: ImageGolden) {
    let file = golden.file
    // The last bytes of a PNG are its end chunk, which carries no pixels.
    let needed = golden.testDescription.hasPrefix("PNG") ? file.count - 16 : file.count - 2
    for length in stride(from: 0, to: needed, by: 3) {
      let error = #expect(throws: ShardError.self) { try decode(Array(file[..<length])) }
      #expect(error?.kind == .badData)
    }
  }

  @Test func forgivesStrayBytesAsOtherProgramsDo() throws {
    let image = smooth(width: 40, height: 24)
    let file = try image.jpegBytes(quality: 90)
    // Between the last coded byte and the mark of the end.
    let stray = Array(file.dropLast(2)) + [1, 2, 3, 4, 5, 6, 7, 8] + [0xFF, 0xD9]
    #expect(try decode(stray) == decode(file))
    #expect(try decode(file + Array("appended".utf8)) == decode(file))
    #expect(throws: ShardError.self) { try decode(Array(stray.dropLast(2))) }
  }

  @Test(arguments: imageGoldens)
  func survivesDamage(golden: ImageGolden) {
    var random = RandomStream(seed: golden.hash, purpose: .test)
    let file = golden.file
    for _ in 0..<400 {
      var damaged = file
      for _ in 0...random.next(below: 6) {
        damaged[random.next(below: file.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      do throws(ShardError) {
        let image = try decode(damaged)
        #expect(image.pixels.count == image.width * image.height * 3)
      } catch {
        #expect(error.kind == .badData)
        #expect(error.description.contains("photo"))
      }
    }
  }
}
