import Foundation
import Shards
import Synchronization
import Tensors
import Testing

@Suite("Building shards from a tree of images")
struct ShardBuildTests {
  /// 16×16, CMYK, made with Pillow.
  static let cmyk = Data(
    base64Encoded: "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0s"
      + "MzpKPjM2RjcsLUBXQUZMTlJTUjI"
      + "+WmFaUGBKUVJP/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAGB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gA"
      + "OBEMATQBZAEsAAD8A0hJLxbAAAAP/2Q==")

  @Test func keepsJPEGFilesByteByByte() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree")
      let report = try ShardBuild(in: folder).run()
      #expect(report.reencoded == 0 && report.unreadable.isEmpty && report.index.shards.count > 1)
      let set = try ShardSet(folder: folder + "/shards")
      let names = ["ant", "bee", "cat"]
      #expect(set.classes.map(\.wnid) == names && set.classes.map(\.name) == names && set.count == 21)
      var buffer: [UInt8] = []
      var seen: Set<UInt64> = []
      for sample in 0..<set.count {
        try set.read(sample, into: &buffer)
        let number = Int(set.sampleID(of: sample))
        let name = names[number / 7]
        #expect(buffer == (try contents("\(folder)/tree/\(name)/\(name)\(number % 7).jpg")))
        #expect(set.label(of: sample) == number / 7)
        seen.insert(set.sampleID(of: sample))
      }
      #expect(seen.count == 21)
      #expect(try ShardVerification(path: folder + "/shards", decodes: true, threads: 2).run().isSound)
      #expect(try listing(folder + "/shards") == ["index.json"] + report.index.shards.map(\.file))
    }
  }

  @Test func everyShardHoldsEveryClass() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree", perClass: 60, size: 8)
      let report = try ShardBuild(in: folder, encoding: .raw(size: 8), shardByteCount: 60 * 192).run()
      #expect(report.index.shards.map(\.samples) == [60, 60, 60])
      for entry in report.index.shards {
        let shard = try ShardFile(folder + "/shards/" + entry.file)
        for label in 0..<3 { #expect(shard.labels.count { $0 == label } > 5) }
      }
    }
  }

  @Test(arguments: [ShardBuild.Encoding.jpeg, .raw(size: 12)])
  func threadsDoNotShowInTheBytes(_ encoding: ShardBuild.Encoding) throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree")
      let sets = try [1, 2, 5].map { threads in
        _ = try ShardBuild(in: folder, encoding: encoding, threads: threads).run()
        defer { try? FileManager.default.removeItem(atPath: folder + "/shards") }
        return try fileContents(folder + "/shards")
      }
      #expect(sets[0].count > 2 && sets[0] == sets[1] && sets[0] == sets[2])
    }
  }

  @Test func rawImagesOfTheRightSizeAreStoredAsTheyAre() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree", size: 16)
      let wide = RGBImage(width: 40, height: 20, pixels: [UInt8](repeating: 9, count: 2400))
      try write(wide.pngBytes(), to: folder + "/tree/cat/wide.png")
      let index = try ShardBuild(in: folder, encoding: .raw(size: 16)).run().index
      #expect(index.schema.encoding == .raw(Shape(channels: 3, height: 16, width: 16)))
      let set = try ShardSet(folder: folder + "/shards")
      var buffer: [UInt8] = []
      var sum = 0
      var squares = 0
      for sample in 0..<set.count {
        try set.read(sample, into: &buffer)
        for red in stride(from: 0, to: buffer.count, by: 3) {
          sum += Int(buffer[red])
          squares += Int(buffer[red]) * Int(buffer[red])
        }
        let number = Int(set.sampleID(of: sample))
        if number == 21 {
          #expect(buffer == [UInt8](repeating: 9, count: 768))
        } else {
          let name = ["ant", "bee", "cat"][number / 7]
          let file = try contents("\(folder)/tree/\(name)/\(name)\(number % 7).jpg")
          #expect(buffer == (try file.withUnsafeBytes { try RGBImage(decoding: $0, named: name).pixels }))
        }
      }
      let mean = Double(sum) / Double(22 * 256)
      let variance = Double(squares) / Double(22 * 256) - mean * mean
      #expect(abs(set.mean[0] - mean / 255) < 1e-12 && abs(set.std[0] - variance.squareRoot() / 255) < 1e-9)
    }
  }

  @Test func otherFormatsBecomeJPEG() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree", classes: ["ant"], perClass: 2)
      let image = ShardSynthesis.picture(seed: 9, index: 1, size: 16).image
      // A PNG under a JPEG's name, as ImageNet has one.
      try write(image.pngBytes(), to: folder + "/tree/ant/png.JPEG")
      try write([UInt8](try #require(Self.cmyk)), to: folder + "/tree/ant/cmyk.jpg")
      try write([1], to: folder + "/tree/ant/readme.txt")
      try write([1], to: folder + "/tree/ant/.hidden.jpg")
      let report = try ShardBuild(in: folder).run()
      #expect(report.reencoded == 2 && report.ignoredFiles == 1 && report.index.samples == 4)
      let set = try ShardSet(folder: folder + "/shards")
      var buffer: [UInt8] = []
      for sample in 0..<4 {
        try set.read(sample, into: &buffer)
        #expect(buffer.starts(with: [0xFF, 0xD8]))
        // ant0, ant1, cmyk, png.
        guard set.sampleID(of: sample) == 3 else { continue }
        let stored = try buffer.withUnsafeBytes { try RGBImage(decoding: $0, named: "stored") }
        let difference = zip(stored.pixels, image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(difference / image.pixels.count < 24)
      }
    }
  }

  @Test func unreadableImagesAreNamedAndCounted() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree")
      let bee = folder + "/tree/bee/"
      try write(Array(try contents(bee + "bee3.jpg").prefix(300)), to: bee + "bee3.jpg")
      try write([], to: bee + "bee5.jpg")
      try FileManager.default.createSymbolicLink(atPath: bee + "gone.jpg", withDestinationPath: "/nowhere")
      for name in ["bee/bee3.jpg", "bee/bee5.jpg", "bee/gone.jpg", "3 of 22 images are unreadable"] {
        try expectShardError(.badData, name) { _ = try ShardBuild(in: folder).run() }
      }
      #expect(try listing(folder) == ["tree"])
      var build = ShardBuild(in: folder)
      build.skipsUnreadable = true
      let report = try build.run()
      #expect(report.unreadable.map(\.path) == ["bee/bee3.jpg", "bee/bee5.jpg", "bee/gone.jpg"])
      #expect(report.index.samples == 19 && report.index.classHistogram == [7, 5, 7])
      let set = try ShardSet(folder: folder + "/shards")
      #expect(Set((0..<19).map { set.sampleID(of: $0) }) == Set(0..<22).subtracting([10, 12, 14]))
    }
  }

  @Test func nothingButUnreadableImagesFails() throws {
    try withShardFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/tree/a", withIntermediateDirectories: true)
      try write([1, 2, 3], to: folder + "/tree/a/a.jpg")
      var build = ShardBuild(in: folder)
      build.skipsUnreadable = true
      try expectShardError(.badData, "1 of 1 images are unreadable") { _ = try build.run() }
      #expect(try listing(folder) == ["tree"])
    }
  }

  @Test func missingAndEmptyInput() throws {
    try withShardFolder { folder in
      try expectShardError(.missing, "No such file") { _ = try ShardBuild(in: folder).run() }
      try FileManager.default.createDirectory(atPath: folder + "/tree", withIntermediateDirectories: true)
      try expectShardError(.missing, "it has no folders") { _ = try ShardBuild(in: folder).run() }
      try FileManager.default.createDirectory(atPath: folder + "/tree/a", withIntermediateDirectories: true)
      try expectShardError(.missing, "/tree/a") { _ = try ShardBuild(in: folder).run() }
      #expect(try listing(folder) == ["tree"])
    }
  }

  @Test func labelsFileNamesTheClasses() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree", perClass: 1)
      var build = ShardBuild(in: folder)
      build.labelsFile = folder + "/words.txt"
      try expectShardError(.missing, "words.txt") { _ = try build.run() }
      let words = "bee  Apis mellifera, bee \r\nant Formicidae\n\nwasp unused\ncat\n"
      try write(Array(words.utf8), to: folder + "/words.txt")
      #expect(try build.run().index.schema.classes.map(\.name) == ["Formicidae", "Apis mellifera, bee", "cat"])
      build.overwrites = true
      try write(Array("bee x\ncat y".utf8), to: folder + "/words.txt")
      try expectShardError(.badData, "no line for ant") { _ = try build.run() }
      try write(Array("bee x\ncat y\nbee z".utf8), to: folder + "/words.txt")
      try expectShardError(.badData, "line 3 names \"bee\" a second time") { _ = try build.run() }
    }
  }

  @Test func existingShardsAreKeptUnlessOverwritten() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree")
      _ = try ShardBuild(in: folder).run()
      let before = try fileContents(folder + "/shards")
      try expectShardError(.exists, "it already holds some") { _ = try ShardBuild(in: folder).run() }
      // A build that fails half-way leaves the earlier set as it was.
      var build = ShardBuild(in: folder, shardByteCount: 3_000)
      build.overwrites = true
      let ant = try contents(folder + "/tree/ant/ant0.jpg")
      try write([1], to: folder + "/tree/ant/ant0.jpg")
      try expectShardError(.badData, "ant0.jpg") { _ = try build.run() }
      #expect(try fileContents(folder + "/shards") == before)
      // One that succeeds replaces all of it, and what a killed build left.
      try write(ant, to: folder + "/tree/ant/ant0.jpg")
      try write([1], to: folder + "/shards/.train-00099.h5.partial")
      let report = try build.run()
      #expect(report.index.shards.count != before.count - 1)
      #expect(try listing(folder + "/shards") == ["index.json"] + report.index.shards.map(\.file))
      #expect(try ShardVerification(path: folder + "/shards", decodes: true, threads: 1).run().isSound)
    }
  }

  @Test func outputThatCannotBeCreated() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree", perClass: 1)
      var build = ShardBuild(in: folder)
      build.output = folder + "/tree/ant/ant0.jpg/shards"
      try expectShardError(.cannotCreate, "ant0.jpg") { _ = try build.run() }
    }
  }

  @Test func progressCountsEveryImage() throws {
    try withShardFolder { folder in
      try makeTree(folder + "/tree")
      let seen = Mutex([ShardProgress]())
      _ = try ShardBuild(in: folder).run { progress in seen.withLock { $0.append(progress) } }
      let steps = seen.withLock { $0 }
      #expect(steps.map(\.done) == Array(1...21) && steps.allSatisfy { $0.total == 21 })
    }
  }

  @Test(arguments: ["jpeg", "raw:32", "raw:0", "raw:", "raw:x", "png", ""]) func encodingsAreParsed(_ text: String) {
    #expect(ShardBuild.Encoding(text) == ["jpeg": .jpeg, "raw:32": .raw(size: 32)][text])
  }
}
