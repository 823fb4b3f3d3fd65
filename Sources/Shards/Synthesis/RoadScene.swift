import Tensors

/// How a road and what is around it look, as grey levels of 0…1: surfaces with texture, painted lines, shadows, haze
/// and sky.
///
/// The road is the lighter surface, as asphalt beside grass is to ALVINN, which sees the blue channel (Pomerleau 1989).
struct RoadScene {
  let road: Road
  private let surfaceGrey, vergeGrey: Double
  private let surfaceTexture, vergeTexture: Double
  private let texture: GroundTexture
  private let edgeLine, centreLine: Paint?
  private let shadows: [Shadow]
  private let skyGrey, horizonGrey: Double

  /// A painted line.
  private struct Paint {
    var grey, width: Double
    /// Where dashes begin, in metres ahead of the car.
    var phase: Double

    /// Dashes and the gaps between them, in metres.
    static let dash = 3.0, period = 9.0
  }

  /// A soft ellipse on the ground: that of a tree or a house.
  private struct Shadow {
    var centre, radii: SIMD2<Double>
    /// What of the light is left in it.
    var light: Double
  }

  init(_ road: Road, _ random: inout RandomStream) {
    self.road = road
    let contrast = random.uniform(0.2, 0.4)
    vergeGrey = random.uniform(0.15, 0.8 - contrast)
    surfaceGrey = vergeGrey + contrast
    surfaceTexture = random.uniform(0.01, 0.05)
    vergeTexture = random.uniform(0.03, 0.12)
    func paint(_ random: inout RandomStream, oneIn odds: Int) -> Paint? {
      let isThere = random.next(below: odds) == 0
      let paint = Paint(
        grey: random.uniform(0.8, 1), width: random.uniform(0.12, 0.3), phase: random.uniform(0, Paint.period))
      return isThere ? paint : nil
    }
    edgeLine = paint(&random, oneIn: 2)
    centreLine = paint(&random, oneIn: 3)
    shadows = (0..<random.next(below: 5)).map { _ in
      Shadow(
        centre: SIMD2(random.uniform(2, 25), random.uniform(-6, 6)),
        radii: SIMD2(random.uniform(0.5, 4), random.uniform(0.5, 4)), light: random.uniform(0.45, 0.85))
    }
    skyGrey = random.uniform(0.45, 1)
    horizonGrey = random.uniform(0.55, 1)
    texture = GroundTexture(&random)
  }

  /// The sky, `share` of the way from the upper edge of the picture to its middle.
  func sky(_ share: Double) -> Double { skyGrey * (1 - share) + horizonGrey * share }

  /// The ground at a point in metres (ahead, to the right).
  func ground(_ point: SIMD2<Double>) -> Double {
    let place = road.place(of: point)
    let beyondEdge = abs(place) - road.width / 2
    let isRoad = beyondEdge < 0
    var grey = isRoad ? surfaceGrey : vergeGrey
    grey += (isRoad ? surfaceTexture : vergeTexture) * texture.value(at: point)
    if let edgeLine, abs(beyondEdge + edgeLine.width) < edgeLine.width / 2 { grey = edgeLine.grey }
    if let centreLine, abs(place) < centreLine.width / 2, isDash(point.x, centreLine) { grey = centreLine.grey }
    for shadow in shadows {
      let offset = (point - shadow.centre) / shadow.radii
      let square = offset.x * offset.x + offset.y * offset.y
      // Soft from 0.8 to 1 of the radius, squared.
      let share = min(max((1 - square) / 0.36, 0), 1)
      grey *= 1 - share * (1 - shadow.light)
    }
    let haze = min(max((point.x - 20) / 80, 0), 1)
    return grey * (1 - haze) + horizonGrey * haze
  }

  private func isDash(_ x: Double, _ paint: Paint) -> Bool {
    let along = x + paint.phase
    return along - (along / Paint.period).rounded(.down) * Paint.period < Paint.dash
  }
}

/// Smooth noise over the ground, of two grains: values on grids of 1.5 m and 0.4 m, joined smoothly and repeated.
private struct GroundTexture {
  /// Of the grid's side.
  private static let cells = 32
  private let grid: [Double]

  init(_ random: inout RandomStream) {
    grid = (0..<Self.cells * Self.cells).map { _ in random.uniform(-1, 1) }
  }

  /// About −1…1.
  func value(at point: SIMD2<Double>) -> Double { 0.6 * noise(point / 1.5) + 0.4 * noise(point / 0.4) }

  private func noise(_ place: SIMD2<Double>) -> Double {
    let corner = place.rounded(.down)
    let part = place - corner
    let smooth = part * part * (3 - 2 * part)
    func value(_ down: Double, _ across: Double) -> Double {
      grid[index(corner.x + down) * Self.cells + index(corner.y + across)]
    }
    let near = value(0, 0) * (1 - smooth.y) + value(0, 1) * smooth.y
    let far = value(1, 0) * (1 - smooth.y) + value(1, 1) * smooth.y
    return near * (1 - smooth.x) + far * smooth.x
  }

  /// The cell of the grid, which repeats; far away all is haze.
  private func index(_ cell: Double) -> Int { Int(min(max(cell, -1e6), 1e6)) & (Self.cells - 1) }
}
