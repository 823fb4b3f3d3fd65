import Files
import Foundation
import Shards
import Testing

@Suite("Drawn pictures")
struct ShardSynthesisTests {
  /// Whoever changes these changes every data set that was ever drawn.
  @Test func picturesNeverChange() {
    let checksums = (0..<10).map { index in
      ShardSynthesis.picture(seed: 0, index: index, size: 32).image.pixels.withUnsafeBytes { CRC32C.checksum(of: $0) }
    }
    #expect(
      checksums == [
        4_271_941_635, 3_748_572_711, 2_636_742_665, 3_957_459_071, 3_436_610_284, 236_623_631, 361_335_042,
        1_427_824_101, 773_499_246, 798_651_098,
      ])
  }

  @Test func uprightPicturesNeverChange() {
    let pictures = (0..<4).map { ShardSynthesis.picture(.upright, seed: 0, index: $0, size: 20) }
    #expect(pictures.map(\.label) == [0, 1, 2, 3])
    #expect(
      pictures.map { $0.image.pixels.withUnsafeBytes { CRC32C.checksum(of: $0) } } == [
        3_675_596_225, 3_018_250_351, 3_529_492_096, 2_772_233_650,
      ])
  }

  @Test func seedAndIndexMatter() {
    let pictures = [(0, 0), (0, 10), (1, 0)].map { seed, index in
      ShardSynthesis.picture(seed: UInt64(seed), index: index, size: 16).image.pixels
    }
    #expect(Set(pictures).count == 3)
  }

  @Test func threadsDoNotShowInTheBytes() throws {
    let sets = try [1, 3].map { threads in
      try withShardFolder { folder in
        try makeRawShards(folder + "/shards", count: 31, threads: threads)
        return try fileContents(folder + "/shards")
      }
    }
    #expect(sets[0].count == 4 && sets[0] == sets[1])
  }

  @Test func treeIsReadByTheBuild() throws {
    try withShardFolder { folder in
      var synthesis = ShardSynthesis(
        count: 30, size: 16, seed: 4, split: "train", output: folder + "/tree", destination: .tree(quality: 95),
        threads: 2, overwrites: false)
      #expect(try synthesis.run().samples == 30)
      try expectShardError(.exists, "already there") { _ = try synthesis.run() }
      synthesis.count = 20
      synthesis.overwrites = true
      _ = try synthesis.run()
      let report = try ShardBuild(in: folder, encoding: .raw(size: 16)).run()
      #expect(report.index.samples == 20 && report.index.classHistogram == [Int](repeating: 2, count: 10))
      let set = try ShardSet(folder: folder + "/shards")
      // Sorted order is class by class, and picture i has class i modulo 10.
      var buffer: [UInt8] = []
      for sample in 0..<20 {
        try set.read(sample, into: &buffer)
        let number = Int(set.sampleID(of: sample))
        let (image, label) = ShardSynthesis.picture(seed: 4, index: number / 2 + number % 2 * 10, size: 16)
        #expect(label == set.label(of: sample))
        let difference = zip(buffer, image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(difference / buffer.count < 24)
      }
    }
  }

  @Test(arguments: [(0, 32), (10, 7), (-1, 32), (10, 1 << 40)])
  func badSizesAreRefused(_ count: Int, _ size: Int) throws {
    try withShardFolder { folder in
      let synthesis = ShardSynthesis(
        count: count, size: size, seed: 0, split: "train", output: folder + "/shards",
        destination: .shards(shardByteCount: 1000), threads: 1, overwrites: false)
      try expectShardError(.badData, "Could not draw") { _ = try synthesis.run() }
      #expect(try listing(folder) == [])
    }
  }

  /// The best linear guess from mean images: what a classifier gets from single pixels is close to nothing, unless
  /// figures are upright.
  @Test(arguments: [(SyntheticKind.shapes, 0.1..<0.4), (.upright, 0.7..<1.01)])
  func pixelsAloneTellTheClassOfUprightFigures(_ kind: SyntheticKind, _ share: Range<Double>) {
    let size = 12
    var means = [[Double]](repeating: [Double](repeating: 0, count: size * size * 3), count: 10)
    for index in 0..<600 {
      let (image, label) = ShardSynthesis.picture(kind, seed: 1, index: index, size: size)
      for place in image.pixels.indices { means[label][place] += Double(image.pixels[place]) / 60 }
    }
    var right = 0
    for index in 0..<200 {
      let (image, label) = ShardSynthesis.picture(kind, seed: 2, index: index, size: size)
      let distances = means.map { mean in
        zip(mean, image.pixels).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      }
      if distances.firstIndex(of: distances.min() ?? 0) == label { right += 1 }
    }
    #expect(share.contains(Double(right) / 200), "\(right)")
  }
}
