import Tensors

/// What lies behind a figure: a gradient, a texture of smooth noise, and clutter of lines and blobs.
struct Background {
  private let colours: [SIMD3<Double>]
  private let size: Int

  /// `colours` are both ends of the gradient.
  init(_ colours: [SIMD3<Double>], size: Int) {
    self.colours = colours
    self.size = size
  }

  /// The picture's colours, row by row.
  mutating func draw(_ random: inout RandomStream) -> [SIMD3<Double>] {
    var canvas = gradient(&random)
    addTexture(to: &canvas, cells: 4 + random.next(below: 4), strength: random.uniform(0.05, 0.2), &random)
    addTexture(to: &canvas, cells: 9 + random.next(below: 5), strength: random.uniform(0.02, 0.1), &random)
    for _ in 0..<1 + random.next(below: 3) { addLine(to: &canvas, &random) }
    for _ in 0..<2 + random.next(below: 4) { addBlob(to: &canvas, &random) }
    return canvas
  }

  private func gradient(_ random: inout RandomStream) -> [SIMD3<Double>] {
    let slope = SIMD2(random.uniform(-1, 1), random.uniform(-1, 1))
    let length = max(abs(slope.x) + abs(slope.y), 0x1p-20)
    return (0..<size * size).map { index in
      let place = point(index) - 0.5
      let share = 0.5 + (place.x * slope.x + place.y * slope.y) / length
      return colours[0] * (1 - share) + colours[1] * share
    }
  }

  /// Value noise: random values on a grid of `cells` × `cells`, joined smoothly; a third of it tinted.
  private func addTexture(
    to canvas: inout [SIMD3<Double>], cells: Int, strength: Double, _ random: inout RandomStream
  ) {
    let grid = (0..<(cells + 1) * (cells + 1)).map { _ in random.uniform(-1, 1) }
    let tint = SIMD3(random.uniform(0.5, 1), random.uniform(0.5, 1), random.uniform(0.5, 1)) * strength
    for index in canvas.indices {
      let place = point(index) * Double(cells)
      let (column, row) = (min(Int(place.x), cells - 1), min(Int(place.y), cells - 1))
      let x = Self.smooth(place.x - Double(column))
      let y = Self.smooth(place.y - Double(row))
      let corner = row * (cells + 1) + column
      let top = grid[corner] * (1 - x) + grid[corner + 1] * x
      let bottom = grid[corner + cells + 1] * (1 - x) + grid[corner + cells + 2] * x
      canvas[index] += tint * (top * (1 - y) + bottom * y)
    }
  }

  /// A thin line across the picture.
  private func addLine(to canvas: inout [SIMD3<Double>], _ random: inout RandomStream) {
    let (a, b) = (SIMD2(random.uniform(), random.uniform()), SIMD2(random.uniform(), random.uniform()))
    let colour = SIMD3(random.uniform(), random.uniform(), random.uniform())
    let width = random.uniform(0.01, 0.025)
    let along = b - a
    let square = max(along.x * along.x + along.y * along.y, 0x1p-20)
    for index in canvas.indices {
      let offset = point(index) - a
      let share = min(max((offset.x * along.x + offset.y * along.y) / square, 0), 1)
      let rest = offset - along * share
      cover(&canvas[index], colour, distance: (rest.x * rest.x + rest.y * rest.y).squareRoot() - width)
    }
  }

  /// A small disc, far smaller than any figure.
  private func addBlob(to canvas: inout [SIMD3<Double>], _ random: inout RandomStream) {
    let centre = SIMD2(random.uniform(), random.uniform())
    let colour = SIMD3(random.uniform(), random.uniform(), random.uniform())
    let radius = random.uniform(0.02, 0.08)
    for index in canvas.indices {
      let offset = point(index) - centre
      cover(&canvas[index], colour, distance: (offset.x * offset.x + offset.y * offset.y).squareRoot() - radius)
    }
  }

  /// Lays a colour over one pixel that lies `distance` outside the edge; the edge is one pixel soft.
  private func cover(_ pixel: inout SIMD3<Double>, _ colour: SIMD3<Double>, distance: Double) {
    let opacity = min(max(0.5 - distance * Double(size), 0), 1)
    if opacity > 0 { pixel.blend(colour, 0.8 * opacity) }
  }

  /// The centre of a pixel, where the picture is the unit square.
  private func point(_ index: Int) -> SIMD2<Double> {
    SIMD2(Double(index % size) + 0.5, Double(index / size) + 0.5) / Double(size)
  }

  private static func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }
}
