import Tensors
import Testing
import Training

@Suite("The centre of a hill of outputs") struct ActivationHillTests {
  static let rows: [(outputs: [Float], centre: Double)] = [
    ([0, 0, 1, 0, 0], 2),
    // 2 + (−½ + 1) / 2½, from the first of the greatest.
    ([0, 0.5, 1, 1, 0], 2.2),
    // 5 + (−3·0.9 − 2·0.2 − 0.3 + 0.3 + 3·0.1) / 2.8; what is more than three away does not count.
    ([0.8, 0.8, 0.9, 0.2, 0.3, 1, 0.3, 0, 0.1, 0.9, 0.9], 4),
    // Near an end, the hill is cut on both sides alike.
    ([1, 0.9, 0.7, 0.4], 0), ([0.9, 1, 0.8, 0.7], 1 - 0.1 / 2.7), ([0, 0, 0.5, 1], 3),
    // Outputs below zero weigh nothing.
    ([0, -5, 1, 0.5, -2], 2 + 0.5 / 1.5), ([-2, -1, -3], 1),
    // All alike: the first.
    ([0.5, 0.5, 0.5, 0.5], 0), ([0, 0, 0], 0), ([0.7], 0), ([1, 2], 1),
    // Not a number only of outputs that are none.
    ([0, .infinity, 0], 1), ([.infinity, .infinity], 0),
  ]

  @Test(arguments: rows.indices) func byHand(_ row: Int) {
    let (outputs, centre) = Self.rows[row]
    let hill = outputs.withUnsafeBufferPointer { ActivationHill($0) }
    #expect(abs(hill.centre - centre) < 1e-6, "\(outputs)")
    #expect(abs(hill.distance(to: 4) - abs(centre - 4)) < 1e-6)
  }

  /// Else a network that diverged would have answered, and be near a label.
  @Test(arguments: [[.nan, 1, 0], [0, .nan, 1], [0, 1, .nan], [.nan, .nan], [.nan]] as [[Float]])
  func isNoNumberWhereAnOutputIsNone(_ outputs: [Float]) {
    let hill = outputs.withUnsafeBufferPointer { ActivationHill($0) }
    #expect(hill.centre.isNaN && hill.distance(to: 0).isNaN)
  }

  /// The bump that `squaredError` wants is read as its label, at the ends too.
  @Test(arguments: 0..<30) func aPerfectAnswerIsItsLabel(_ label: Int) {
    let bump = (0..<30).map { Float(Elementary.exp(-Double(($0 - label) * ($0 - label)) / 10)) }
    let hill = bump.withUnsafeBufferPointer { ActivationHill($0) }
    #expect(hill.distance(to: label) < 1e-6)
  }
}
