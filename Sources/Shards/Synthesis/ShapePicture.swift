import Tensors

/// Draws image `index` of a synthetic data set: a figure of random place, size, angle and colours over clutter, or an
/// upright one of about one size near the middle that is lighter than the clutter.
///
/// A function of (seed, index, size, isUpright). Only operations that are correctly rounded everywhere are used, so
/// every machine draws the same bytes.
struct ShapePicture {
  let shape: SyntheticShape
  private let size: Int
  private let isUpright: Bool
  private var random: RandomStream
  private var canvas: [SIMD3<Double>] = []

  /// Each pixel is sampled this many times along each axis.
  private static let supersampling = 3

  init(seed: UInt64, index: Int, size: Int, isUpright: Bool = false) {
    precondition(size > 0 && index >= 0, "A picture has pixels and a number.")
    shape = SyntheticShape.allCases[index % SyntheticShape.allCases.count]
    self.size = size
    self.isUpright = isUpright
    random = RandomStream(seed: seed, purpose: .synthesis, sample: UInt64(index))
  }

  /// The finished picture.
  mutating func draw() -> RGBImage {
    let palette = choosePalette()
    var background = Background(palette.background, size: size)
    canvas = background.draw(&random)
    drawShape(palette.shape)
    var pixels = [UInt8](repeating: 0, count: size * size * 3)
    for index in canvas.indices {
      for channel in 0..<3 {
        let grain = random.uniform(-0.04, 0.04)
        let value = min(max(canvas[index][channel] + grain, 0), 1)
        pixels[3 * index + channel] = UInt8(value * 255 + 0.5)
      }
    }
    return RGBImage(width: size, height: size, pixels: pixels)
  }

  private struct Palette {
    var shape: SIMD3<Double>
    /// Both ends of the gradient.
    var background: [SIMD3<Double>]
  }

  /// Random colours; the shape is clearly lighter or clearly darker than both ends of the background, which of the two
  /// is chance, so that no pixel's value speaks for a class. An upright one is lighter.
  private mutating func choosePalette() -> Palette {
    let isLighter = isUpright || random.next(below: 2) == 0
    let border = random.uniform(0.35, 0.65)
    func isIn(_ colour: SIMD3<Double>, light: Bool) -> Bool {
      light ? colour.luminance > border + 0.16 : colour.luminance < border - 0.16
    }
    func colour(light: Bool) -> SIMD3<Double> {
      for _ in 0..<64 {
        let candidate = SIMD3(random.uniform(), random.uniform(), random.uniform())
        if isIn(candidate, light: light) { return candidate }
      }
      return SIMD3(repeating: light ? 1 : 0)
    }
    return Palette(shape: colour(light: isLighter), background: [colour(light: !isLighter), colour(light: !isLighter)])
  }

  private mutating func drawShape(_ colour: SIMD3<Double>) {
    let radius = isUpright ? random.uniform(0.38, 0.42) : random.uniform(0.25, 0.42)
    // An upright one has its centre within 3 % of the width from the middle.
    let margin = isUpright ? 0.47 : radius
    let centre = SIMD2(random.uniform(margin, 1 - margin), random.uniform(margin, 1 - margin))
    let rotation = isUpright ? SIMD2(1, 0) : randomRotation()
    let shading = SIMD2(random.uniform(-0.12, 0.12), random.uniform(-0.12, 0.12))
    let step = 1 / Double(size * Self.supersampling)
    let samples = Double(Self.supersampling * Self.supersampling)
    for row in 0..<size {
      for column in 0..<size {
        var covered = 0
        for sample in 0..<Self.supersampling * Self.supersampling {
          let x = Double(column * Self.supersampling + sample % Self.supersampling) + 0.5
          let y = Double(row * Self.supersampling + sample / Self.supersampling) + 0.5
          let point = (SIMD2(x, y) * step - centre) / radius
          let (u, v) = (rotation.x * point.x + rotation.y * point.y, rotation.x * point.y - rotation.y * point.x)
          if shape.covers(u, v) { covered += 1 }
        }
        guard covered > 0 else { continue }
        let place = SIMD2(Double(column) + 0.5, Double(row) + 0.5) / Double(size) - centre
        let light = (place.x * shading.x + place.y * shading.y) / radius
        canvas[row * size + column].blend(colour + light, Double(covered) / samples)
      }
    }
  }

  /// The cosine and sine of a random angle, from the tangent of half of it: no C library is asked.
  private mutating func randomRotation() -> SIMD2<Double> {
    let t = random.uniform(-1, 1)
    let sign: Double = random.next(below: 2) == 0 ? 1 : -1
    return SIMD2(1 - t * t, 2 * t) * (sign / (1 + t * t))
  }
}

extension SIMD3<Double> {
  /// How light the colour looks (the weights of ITU-R BT.601).
  var luminance: Double { 0.299 * x + 0.587 * y + 0.114 * z }

  /// Lays `colour` over this one.
  mutating func blend(_ colour: SIMD3<Double>, _ opacity: Double) { self = self * (1 - opacity) + colour * opacity }
}
