import Tensors
import Testing

@Suite struct NormalTests {
  /// The first four moments of 200,000 numbers, within four of their standard errors.
  @Test func momentsAreThoseOfANormalNumber() {
    var stream = RandomStream(seed: 7, purpose: .test)
    let count = 200_000
    var sums = [0.0, 0, 0, 0]
    for _ in 0..<count {
      let x = stream.normal()
      for power in 0..<4 { sums[power] += (0...power).reduce(1) { product, _ in product * x } }
    }
    let moments = sums.map { $0 / Double(count) }
    let error = 4 / Double(count).squareRoot()
    #expect(abs(moments[0]) < error)
    #expect(abs(moments[1] - 1) < error * 2.0.squareRoot())
    #expect(abs(moments[2]) < error * 15.0.squareRoot())
    #expect(abs(moments[3] - 3) < error * 96.0.squareRoot())
  }

  @Test func takesTwoDraws() {
    var stream = RandomStream(seed: 7, purpose: .test)
    var other = stream
    _ = stream.normal()
    _ = (other.next(), other.next())
    #expect(stream.next() == other.next())
  }
}
