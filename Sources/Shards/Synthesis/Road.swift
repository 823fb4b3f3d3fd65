import Tensors

/// A road before a car, on flat ground, in metres: x ahead of the car, y to its right.
///
/// The road's centre lies at y(x) = offset + slope·x + curvature·x² / 2: `offset` beside the car, `slope` the tangent
/// of the angle between road and car, `curvature` that of the road, bent to the right where positive.
///
/// How to steer is pure pursuit (Wallace et al. 1985; Pomerleau 1991 computes ALVINN's targets by it): along the circle
/// that leaves the car straight ahead and meets the road's centre at x = `lookAhead`. A circle through (0, 0) along the
/// x axis and through (L, y) has the curvature 2y / (L² + y²). The output units lie evenly over curvatures, from the
/// sharpest to the left (unit 0) to the sharpest to the right, so that straight ahead is half-way between the two units
/// in the middle.
package struct Road: Sendable, Hashable {
  package var offset, slope, curvature: Double
  /// From edge to edge.
  package var width: Double

  /// ALVINN's output units.
  package static let units = 30
  /// How far ahead the car aims.
  package static let lookAhead = 12.0
  /// The curvature of the units at both ends, in 1/m: circles of 20 m.
  package static let sharpest = 1 / 20.0
  /// Roads bend no more than this, in 1/m.
  static let sharpestRoad = 1 / 25.0
  private static let middle = Double(units - 1) / 2

  package init(offset: Double, slope: Double, curvature: Double, width: Double = 4) {
    self.offset = offset
    self.slope = slope
    self.curvature = curvature
    self.width = width
  }

  /// A random road. Directions are even over all units; how much of one is due to the car's place, its heading and the
  /// road's bend is chance.
  init(_ random: inout RandomStream) {
    let arc = Self.curvature(direction: random.uniform(-0.5, Double(Self.units) - 0.5))
    let reach = arc * Self.lookAhead
    let aim = reach * Self.lookAhead / (1 + (1 - reach * reach).squareRoot())
    width = random.uniform(3, 4.5)
    repeat {
      offset = random.uniform(-1.5, 1.5)
      slope = random.uniform(-0.15, 0.15)
      curvature = 2 * (aim - offset - slope * Self.lookAhead) / (Self.lookAhead * Self.lookAhead)
    } while abs(curvature) > Self.sharpestRoad
  }

  /// The same road seen in a mirror.
  package var mirrored: Road { Road(offset: -offset, slope: -slope, curvature: -curvature, width: width) }

  /// Where the centre is, `x` metres ahead.
  package func centre(at x: Double) -> Double { offset + (slope + curvature * x / 2) * x }

  /// How far a point of the ground lies to the right of the centre, at right angles to the road near it.
  package func place(of point: SIMD2<Double>) -> Double {
    let tangent = slope + curvature * point.x
    return (point.y - centre(at: point.x)) / (1 + tangent * tangent).squareRoot()
  }

  /// The curvature of the circle to steer along, in 1/m; to the right where positive.
  package var steering: Double {
    let aim = centre(at: Self.lookAhead)
    return 2 * aim / (Self.lookAhead * Self.lookAhead + aim * aim)
  }

  /// Where `steering` lies on the line of units: unit i is at i.
  package var direction: Double { Self.middle + Self.middle * steering / Self.sharpest }

  /// The unit that is nearest to `direction`.
  package var unit: Int { min(max(Int((direction + 0.5).rounded(.down)), 0), Self.units - 1) }

  private static func curvature(direction: Double) -> Double { (direction - middle) / middle * sharpest }
}
