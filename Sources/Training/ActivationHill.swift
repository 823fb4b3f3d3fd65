/// The answer of a network whose classes are places on a line, such as steering directions: where its outputs rise to a
/// hill.
///
/// The centre of mass of the hill around the most active output, as ALVINN is read (Pomerleau 1991; in 1989 it was the
/// most active output itself): finer than the outputs are apart, and not drawn aside by a second hill.
package struct ActivationHill {
  /// Outputs to either side of the most active one. The bump of `squaredError` with the σ of ALVINN, √5, has fallen to
  /// 0.41 there.
  package static let reach = 3

  /// On the line of outputs, where output k is at k; not a number if an output is none.
  package let centre: Double

  /// Of at least one output. The hill reaches as far to the left as to the right, less near the ends of the line, which
  /// would draw its centre inwards; outputs below zero weigh nothing. Of equally active outputs the first counts.
  package init(_ outputs: UnsafeBufferPointer<Float>) {
    guard !outputs.contains(where: \.isNaN) else {
      centre = .nan
      return
    }
    var peak = 0
    for k in outputs.indices where outputs[k] > outputs[peak] { peak = k }
    let reach = min(Self.reach, peak, outputs.count - 1 - peak)
    var mass = 0.0
    var moment = 0.0
    for k in peak - reach...peak + reach {
      let weight = max(0, Double(outputs[k]))
      mass += weight
      moment += weight * Double(k - peak)
    }
    let offset = moment / mass
    centre = Double(peak) + (offset.isFinite ? offset : 0)
  }

  /// How many classes lie between the answer and `label`.
  package func distance(to label: Int) -> Double { abs(centre - Double(label)) }
}
