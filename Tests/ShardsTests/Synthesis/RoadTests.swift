import Files
import Shards
import Tensors
import Testing

/// The geometry of steering.
@Suite("Roads") struct RoadTests {
  /// Roads of all offsets, slopes and curvatures that are drawn.
  static let roads = [-1.5, -0.4, 0, 1.1].flatMap { offset in
    [-0.15, 0, 0.07].flatMap { slope in
      [-1 / 25.0, -0.01, 0, 0.03].map { Road(offset: offset, slope: slope, curvature: $0) }
    }
  }

  @Test func straightAheadIsTheMiddle() {
    let road = Road(offset: 0, slope: 0, curvature: 0)
    #expect(road.steering == 0 && road.direction == 14.5)
  }

  /// On the middle of a bent road, along it: the circle to steer is nearly the road's own. The parabola that stands for
  /// the road leaves it by less than a tenth of its bend.
  @Test(arguments: [-1 / 30.0, -0.01, 0.02, 1 / 30.0]) func onABentRoadFollowIt(_ curvature: Double) {
    let steering = Road(offset: 0, slope: 0, curvature: curvature).steering
    #expect(abs(steering / curvature - 1) < 0.1)
  }

  /// By hand: 3 m to the right in 12 m is a circle of 25.5 m, the sharpest unit one of 20 m.
  @Test func pursuitByHand() {
    let road = Road(offset: 3, slope: 0, curvature: 0)
    #expect(abs(1 / road.steering - 25.5) < 1e-12)
    #expect(abs(road.direction - (14.5 + 14.5 * 20 / 25.5)) < 1e-12 && road.unit == 26)
    // The same aim by heading, and by the road's bend.
    #expect(abs(Road(offset: 0, slope: 0.25, curvature: 0).steering - road.steering) < 1e-12)
    #expect(abs(Road(offset: 0, slope: 0, curvature: 1 / 24.0).steering - road.steering) < 1e-12)
  }

  /// The circle with that curvature through the car meets the road's centre where it aims.
  @Test(arguments: roads) func theCircleMeetsTheRoad(_ road: Road) {
    let aim = SIMD2(Road.lookAhead, road.centre(at: Road.lookAhead))
    guard road.steering != 0 else { return #expect(aim.y == 0) }
    let radius = 1 / road.steering
    let offset = aim - SIMD2(0, radius)
    #expect(abs((offset * offset).sum().squareRoot() - abs(radius)) < 1e-9 * abs(radius))
  }

  @Test(arguments: roads) func aMirrorMirrors(_ road: Road) {
    #expect(abs(road.direction + road.mirrored.direction - 29) < 1e-12)
    // Where two units are equally near, either is the nearest.
    if abs(road.direction - road.direction.rounded(.down) - 0.5) > 1e-9 {
      #expect(road.unit + road.mirrored.unit == 29)
    }
    for point in [SIMD2(3.0, 1), SIMD2(12, -4), SIMD2(30, 2)] {
      #expect(road.place(of: point) == -road.mirrored.place(of: SIMD2(point.x, -point.y)))
    }
  }

  @Test func directionRisesWithEverything() {
    for change in [Road(offset: 1, slope: 0, curvature: 0), Road(offset: 0, slope: 1, curvature: 0)] + [
      Road(offset: 0, slope: 0, curvature: 1)
    ] {
      let directions = (-20...20).map { step in
        let scale = Double(step) * 0.002
        return Road(offset: change.offset * scale, slope: change.slope * scale, curvature: change.curvature * scale)
          .direction
      }
      #expect(zip(directions, directions.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  /// What is drawn covers all units, none of them far more often than another.
  @Test func allUnitsAreDrawn() {
    var histogram = [Int](repeating: 0, count: Road.units)
    for index in 0..<1500 { histogram[ShardSynthesis.picture(.roads, seed: 5, index: index, size: 8).label] += 1 }
    #expect(histogram.allSatisfy { (25...80).contains($0) }, "\(histogram)")
  }
}

@Suite("Drawn roads") struct RoadPictureTests {
  /// Whoever changes these changes every data set that was ever drawn.
  @Test func picturesNeverChange() {
    let pictures = (0..<4).map { ShardSynthesis.picture(.roads, seed: 0, index: $0, size: 32) }
    #expect(pictures.map(\.label) == [4, 15, 29, 18])
    #expect(
      pictures.map { $0.image.pixels.withUnsafeBytes { CRC32C.checksum(of: $0) } }
        == [2_000_045_243, 3_367_830_356, 2_807_622_601, 3_036_586_297])
  }

  @Test func theyAreGreyAndOfTheNetworksSize() {
    let image = ShardSynthesis.picture(.roads, seed: 3, index: 9, size: 32).image
    #expect(image.height == 30 && image.width == 32)
    for pixel in 0..<image.width * image.height {
      #expect(Set(image.pixels[3 * pixel..<3 * pixel + 3]).count == 1)
    }
  }

  @Test func seedAndIndexMatter() {
    let pictures = [(0, 0), (0, 30), (1, 0)].map { seed, index in
      ShardSynthesis.picture(.roads, seed: UInt64(seed), index: index, size: 16).image.pixels
    }
    #expect(Set(pictures).count == 3)
  }

  /// The size changes how finely a road is seen, not which: also its mean grey.
  @Test func sizeIsSamplingAlone() {
    for index in 0..<10 {
      let pictures = [32, 128].map { ShardSynthesis.picture(.roads, seed: 2, index: index, size: $0) }
      #expect(pictures[0].label == pictures[1].label)
      let means = pictures.map { picture in
        Double(picture.image.pixels.reduce(0) { $0 + Int($1) }) / Double(picture.image.pixels.count)
      }
      #expect(abs(means[0] - means[1]) < 4, "\(means)")
    }
  }

  /// A road to the right is seen at the right: where a picture is unlike its mirror image, on the average over pictures
  /// of a direction, mirrored directions show the opposite. Grey levels of road and verge are even, so the contrast is
  /// measured against the pixels right before the car, which show road.
  @Test func roadsBendToTheSideOfTheirUnit() {
    var places: [Bool: (sum: Double, count: Double)] = [true: (0, 0), false: (0, 0)]
    for index in 0..<600 {
      let (image, label) = ShardSynthesis.picture(.roads, seed: 6, index: index, size: 32)
      guard label <= 7 || label >= 22 else { continue }
      func grey(_ row: Int, _ column: Int) -> Double { Double(image.pixels[3 * (row * 32 + column)]) }
      // The columns of row 13, 9 m ahead, whose grey is nearest to that of the road at the lower edge.
      let road = (14..<18).reduce(0) { $0 + grey(29, $1) } / 4
      let columns = (0..<32).sorted { abs(grey(13, $0) - road) < abs(grey(13, $1) - road) }.prefix(6)
      places[label >= 22]?.sum += columns.reduce(0) { $0 + Double($1) - 15.5 } / 6
      places[label >= 22]?.count += 1
    }
    let means = places.mapValues { $0.sum / $0.count }
    #expect(means[true] ?? 0 > 2 && means[false] ?? 0 < -2, "\(means)")
  }

  @Test func threadsDoNotShowInTheBytes() throws {
    let sets = try [1, 3].map { threads in
      try withShardFolder { folder in
        _ = try synthesis(folder + "/shards", threads: threads).run()
        return try fileContents(folder + "/shards")
      }
    }
    #expect(sets[0].count == 4 && sets[0] == sets[1])
  }

  /// One channel in shards, and what is in them is what was drawn.
  @Test func shardsHaveOneChannel() throws {
    try withShardFolder { folder in
      let report = try synthesis(folder + "/shards").run()
      let index = try #require(report.index)
      let mean = index.mean
      #expect(mean.count == 3 && Set(mean).count == 1 && mean[0] > 0.2 && mean[0] < 0.8)
      let verified = try ShardVerification(path: folder + "/shards", decodes: true, threads: 2).run()
      #expect(verified.isSound && verified.samples == 31, "\(verified.problems)")
      let set = try ShardSet(folder: folder + "/shards")
      #expect(set.classes.count == 30 && set.classes[7].name == "unit-07")
      #expect(set.encoding == .raw(.init(channels: 1, height: 15, width: 16)))
      var bytes: [UInt8] = []
      for sample in 0..<31 {
        try set.read(sample, into: &bytes)
        let (image, label) = ShardSynthesis.picture(.roads, seed: 1, index: sample, size: 16)
        #expect(label == set.label(of: sample))
        #expect(bytes == stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] })
      }
    }
  }

  /// 30 folders, whose order is that of the units, also where some stay empty.
  @Test func treesHaveAFolderForEachUnit() throws {
    try withShardFolder { folder in
      var synthesis = synthesis(folder + "/tree")
      synthesis.destination = .tree(quality: 95)
      _ = try synthesis.run()
      let names = try listing(folder + "/tree")
      #expect(names.count == 30 && names.first == "unit-00" && names.last == "unit-29")
      for (label, name) in names.enumerated() {
        for file in try listing("\(folder)/tree/\(name)") {
          let index = try #require(Int(file.dropLast(4)))
          #expect(ShardSynthesis.picture(.roads, seed: 1, index: index, size: 16).label == label)
        }
      }
    }
  }

  private func synthesis(_ output: String, threads: Int = 2) -> ShardSynthesis {
    ShardSynthesis(
      kind: .roads, count: 31, size: 16, seed: 1, split: "train", output: output,
      destination: .shards(shardByteCount: 11 * 240), threads: threads, overwrites: false)
  }
}
