import Tensors

/// A camera above the middle of a car, looking ahead and a little down: which point of the ground a pixel shows.
struct RoadCamera {
  /// Above the ground, in metres.
  var height = 2.0
  /// The tangent of half the angle by which it looks down: its sine and cosine need no C library.
  var halfPitch = 0.13

  /// The focal length in widths of the picture: 61° from side to side.
  private static let focalLength = 0.85

  init() {}

  /// As it is in a moving car.
  init(_ random: inout RandomStream) {
    height += random.uniform(-0.1, 0.1)
    halfPitch += random.uniform(-0.006, 0.006)
  }

  /// The point of the ground in metres (ahead, to the right) behind the point (`across`, `down`) of the picture, both
  /// from its middle and in widths of it; nil for the sky.
  func ground(across: Double, down: Double) -> SIMD2<Double>? {
    let square = halfPitch * halfPitch
    let cosine = (1 - square) / (1 + square)
    let sine = 2 * halfPitch / (1 + square)
    let fall = sine * Self.focalLength + cosine * down
    guard fall > 0x1p-20 else { return nil }
    return SIMD2(cosine * Self.focalLength - sine * down, across) * (height / fall)
  }
}
