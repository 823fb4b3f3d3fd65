import Tensors
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
  /// The known answers of Random123 1.14 (tests/kat_vectors).
  @Test(arguments: knownVectors)
  func knownAnswers(_ known: KnownVector) {
    #expect(Philox(key: known.key)(known.counter) == known.answer)
  }

  struct KnownVector: Sendable {
    var counter: SIMD4<UInt32>
    var key: SIMD2<UInt32>
    var answer: SIMD4<UInt32>
  }

  static let knownVectors: [KnownVector] = [
    KnownVector(
      counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0),
      answer: SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
    KnownVector(
      counter: SIMD4(repeating: UInt32.max), key: SIMD2(repeating: UInt32.max),
      answer: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)),
    KnownVector(
      counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0),
      answer: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)),
  ]

  @Test func keysOfSeedsAndPurposesDiffer() {
    var keys = Set<SIMD2<UInt32>>()
    for seed in 0..<100 as Range<UInt64> {
      for purpose in RandomPurpose.allCases { keys.insert(Philox(seed: seed, purpose: purpose).key) }
    }
    #expect(keys.count == 100 * RandomPurpose.allCases.count)
  }
}

@Suite("Random streams")
struct RandomStreamTests {
  @Test func drawsAreTheWordsOfTheGenerator() {
    var stream = RandomStream(seed: 9, purpose: .augmentation, epoch: 3, sample: 0x1_0000_0002)
    let generator = Philox(seed: 9, purpose: .augmentation)
    for block in 0..<3 as Range<UInt32> {
      let words = generator(SIMD4(block, 3, 2, 1))
      for place in 0..<4 { #expect(stream.next() == words[place]) }
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 4099])
  func drawsCanBeSkipped(_ draws: Int) {
    var all = RandomStream(seed: 5, purpose: .test, epoch: 1, sample: 7)
    for _ in 0..<draws { _ = all.next() }
    var rest = RandomStream(seed: 5, purpose: .test, epoch: 1, sample: 7, skipping: draws)
    for _ in 0..<9 { #expect(rest.next() == all.next()) }
  }

  @Test(arguments: [1, 2, 3, 7, 1000, 1 << 32])
  func boundedIntegersStayInBounds(_ bound: Int) {
    var stream = RandomStream(seed: 1, purpose: .test)
    let draws = (0..<2000).map { _ in stream.next(below: bound) }
    #expect(draws.allSatisfy { (0..<bound).contains($0) })
    if bound <= 7 { #expect(Set(draws).count == bound) }
  }

  @Test func uniformNumbersFillTheirInterval() {
    var stream = RandomStream(seed: 2, purpose: .test)
    let draws = (0..<10_000).map { _ in stream.uniform(-3, 5) }
    #expect(draws.allSatisfy { (-3..<5).contains($0) })
    let mean = draws.reduce(0, +) / 10_000
    let deviation = 8 / 12.0.squareRoot()
    #expect(abs(mean - 1) < 5 * deviation / 100)
    #expect((draws.min() ?? 0) < -2.99 && (draws.max() ?? 0) > 4.99)
  }
}
