import Shards
import Testing

@Suite struct SampleOrderTests {
  /// The samples of epoch `epoch`, in order.
  private func samples(_ order: SampleOrder, epoch: Int) -> [Int] {
    (epoch * order.count..<(epoch + 1) * order.count).map { order.sample(at: $0).index }
  }

  @Test func takesEverySampleOnceInEveryEpochForAllSmallCounts() {
    for count in 1...300 {
      let order = SampleOrder(count: count, seed: UInt64(count))
      for epoch in [0, 1, 7] {
        #expect(samples(order, epoch: epoch).sorted() == Array(0..<count), "count \(count), epoch \(epoch)")
      }
    }
  }

  @Test(arguments: [1023, 1024, 1025, 4096, 4097, 50_000, 65_537])
  func takesEverySampleOnceInEveryEpochForLargeCounts(count: Int) {
    let order = SampleOrder(count: count, seed: 3)
    var seen = [Bool](repeating: false, count: count)
    for position in count..<2 * count {
      let (epoch, index) = order.sample(at: position)
      #expect(epoch == 1)
      #expect(!seen[index])
      seen[index] = true
    }
  }

  @Test func staysInsideHugeSets() {
    let order = SampleOrder(count: 1 << 40 | 12_345, seed: 1)
    let indices = (0..<1000).map { order.sample(at: $0 * 1_000_003).index }
    #expect(Set(indices).count == indices.count)
    #expect(indices.allSatisfy { (0..<order.count).contains($0) })
    #expect(indices.contains { $0 > 1 << 39 })
  }

  @Test func takesEverySampleOncePerEpochAcrossSteps() {
    // 100 samples in steps of 32: epochs end inside of steps, and no tail is dropped.
    let order = SampleOrder(count: 100, seed: 9)
    var times = [[Int]](repeating: [Int](repeating: 0, count: 100), count: 8)
    for step in 0..<25 {
      for position in step * 32..<(step + 1) * 32 {
        let (epoch, index) = order.sample(at: position)
        times[epoch][index] += 1
      }
    }
    #expect(times.allSatisfy { $0.allSatisfy { $0 == 1 } })
  }

  @Test func differsByEpochAndSeed() {
    let order = SampleOrder(count: 1000, seed: 0)
    let first = samples(order, epoch: 0)
    for other in [samples(order, epoch: 1), samples(SampleOrder(count: 1000, seed: 1), epoch: 0), Array(0..<1000)] {
      let equal = zip(first, other).count { $0 == $1 }
      #expect(equal < 12, "a random permutation agrees with another in about one place")
    }
    #expect(first == samples(SampleOrder(count: 1000, seed: 0), epoch: 0))
  }

  @Test func drawsAllPermutationsOfFourAlike() {
    let order = SampleOrder(count: 4, seed: 5)
    var times: [[Int]: Int] = [:]
    for epoch in 0..<24_000 { times[samples(order, epoch: epoch), default: 0] += 1 }
    #expect(times.count == 24)
    let chiSquare = times.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
    #expect(chiSquare < 58, "23 degrees of freedom exceed 58 once in ten thousand draws")
  }

  @Test(arguments: [10, 37, 100, 1000])
  func putsEverySampleEverywhereAlike(count: Int) {
    // Where a sample stands, and who follows it, is uniform over many epochs.
    let order = SampleOrder(count: count, seed: 77)
    let epochs = 20_000
    var places = [Int](repeating: 0, count: 10)
    var steps = [Int](repeating: 0, count: 10)
    for epoch in 0..<epochs {
      let first = order.sample(at: epoch * count).index
      let second = order.sample(at: epoch * count + 1).index
      places[first * 10 / count] += 1
      steps[((second - first + count) % count - 1) * 10 / (count - 1)] += 1
    }
    for (name, bins, parts) in [("place", places, count), ("step", steps, count - 1)] {
      var chiSquare = 0.0
      for bin in 0..<10 {
        let share = (0..<parts).count { $0 * 10 / parts == bin }
        guard share > 0 else { continue }
        let expected = Double(epochs * share) / Double(parts)
        chiSquare += (Double(bins[bin]) - expected) * (Double(bins[bin]) - expected) / expected
      }
      #expect(chiSquare < 33.7, "\(name): 9 degrees of freedom exceed 33.7 once in ten thousand draws")
    }
  }

  /// The order is part of the contract of a run: a change here changes every training.
  @Test func isTheSameForEver() {
    let order = SampleOrder(count: 20, seed: 42)
    #expect(samples(order, epoch: 0) == [3, 10, 7, 11, 5, 12, 8, 6, 9, 17, 14, 0, 16, 19, 18, 13, 2, 1, 15, 4])
    #expect(samples(order, epoch: 3) == [9, 4, 3, 15, 12, 10, 0, 6, 5, 13, 14, 18, 2, 17, 11, 19, 1, 16, 8, 7])
  }
}
