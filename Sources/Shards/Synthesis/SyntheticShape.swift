/// A class of the synthetic data set: a plane figure inside the unit circle.
///
/// In alphabetical order, so that a tree of folders of these names has the same labels.
public enum SyntheticShape: String, CaseIterable, Sendable {
  case arrow, circle, crescent, cross, heart, pentagon, ring, square, star, triangle

  /// Whether the figure covers the point.
  func covers(_ x: Double, _ y: Double) -> Bool {
    let square = x * x + y * y
    guard square <= 1 else { return false }
    switch self {
    case .circle: return square <= 0.9 * 0.9
    case .ring: return square >= 0.52 * 0.52 && square <= 0.95 * 0.95
    case .square: return max(abs(x), abs(y)) <= 0.7
    case .cross: return min(abs(x), abs(y)) <= 0.27 && max(abs(x), abs(y)) <= 0.94
    case .crescent: return (x - 0.45) * (x - 0.45) + y * y >= 0.72 * 0.72
    case .heart: return Self.heartCovers(1.3 * x, 0.12 - 1.3 * y)
    case .arrow, .pentagon, .star, .triangle: return Self.polygon(vertices, covers: x, y)
    }
  }

  /// The sextic curve (x² + y² - 1)³ = x²y³.
  private static func heartCovers(_ x: Double, _ y: Double) -> Bool {
    let part = x * x + y * y - 1
    return part * part * part <= x * x * y * y * y
  }

  /// Literals, because sines may differ in the last bit from one C library to the next.
  private var vertices: [SIMD2<Double>] {
    switch self {
    case .arrow: Self.arrowVertices
    case .pentagon: Self.pentagonVertices
    case .star: Self.starVertices
    case .triangle: Self.triangleVertices
    default: []
    }
  }

  private static let arrowVertices: [SIMD2<Double>] = [
    [1, 0], [0.1, 0.78], [0.1, 0.26], [-0.92, 0.26], [-0.92, -0.26], [0.1, -0.26], [0.1, -0.78],
  ]
  private static let triangleVertices: [SIMD2<Double>] = [[1, 0], [-0.5, 0.866_025_4], [-0.5, -0.866_025_4]]
  private static let pentagonVertices: [SIMD2<Double>] = [
    [1, 0], [0.309_017, 0.951_056_5], [-0.809_017, 0.587_785_3], [-0.809_017, -0.587_785_3],
    [0.309_017, -0.951_056_5],
  ]
  /// The pentagon, and its tips' opposites at 0.4 of the radius in between.
  private static let starVertices: [SIMD2<Double>] = (0..<10).map { corner in
    if corner.isMultiple(of: 2) { return pentagonVertices[corner / 2] }
    let opposite: SIMD2<Double> = pentagonVertices[(corner / 2 + 3) % 5]
    return opposite * -0.4
  }

  /// Even-odd rule: crossings of the ray to the right.
  private static func polygon(_ vertices: [SIMD2<Double>], covers x: Double, _ y: Double) -> Bool {
    vertices.withUnsafeBufferPointer { vertices in
      var isInside = false
      var previous = vertices.count - 1
      for corner in 0..<vertices.count {
        let (a, b) = (vertices[corner], vertices[previous])
        if (a.y > y) != (b.y > y), x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { isInside.toggle() }
        previous = corner
      }
      return isInside
    }
  }
}
