import Kernels
import Testing
import Training

@Suite("Mixup") struct MixupTests {
  /// Mean 1/2 and variance 1 / (4 · (2α + 1)) of Beta(α, α), from 4000 steps.
  @Test(arguments: [0.01, 0.2, 0.5, 1, 2, 8]) func sharesAreBeta(_ alpha: Double) throws {
    let mixup = try #require(Mixup(alpha: alpha, seed: 7))
    let shares = (0..<4000).map { Double(mixup.mixing(of: $0).share) }
    #expect(shares.allSatisfy { (0...1).contains($0) })
    let mean = shares.reduce(0, +) / 4000
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(abs(mean - 0.5) < 4 * (expected / 4000).squareRoot())
    #expect(abs(variance - expected) < 0.08 * expected)
  }

  /// Uniform for α = 1: each tenth has a tenth.
  @Test func oneIsUniform() throws {
    let mixup = try #require(Mixup(alpha: 1, seed: 8))
    var counts = [Int](repeating: 0, count: 10)
    for step in 0..<5000 { counts[min(9, Int(mixup.mixing(of: step).share * 10))] += 1 }
    #expect(counts.allSatisfy { (400...600).contains($0) }, "\(counts)")
  }

  @Test func stepsAndSeedsDiffer() throws {
    let mixup = try #require(Mixup(alpha: 0.4, seed: 1))
    let other = try #require(Mixup(alpha: 0.4, seed: 2))
    #expect(mixup.mixing(of: 3) == mixup.mixing(of: 3))
    #expect(mixup.mixing(of: 3) != mixup.mixing(of: 4) && mixup.mixing(of: 3) != other.mixing(of: 3))
    #expect(Mixup(alpha: 0, seed: 1) == nil)
  }
}
