import Tensors

/// Draws image `index` of a synthetic data set of roads: what a camera in a car sees, in grey.
///
/// A function of (seed, index, size), by operations that are correctly rounded everywhere, so every machine draws the
/// same bytes.
struct RoadPicture {
  private let width, height: Int
  private let scene: RoadScene
  private let camera: RoadCamera
  private var random: RandomStream

  /// Each pixel is sampled this many times along each axis.
  private static let supersampling = 3

  init(seed: UInt64, index: Int, height: Int, width: Int) {
    precondition(height > 0 && width > 0 && index >= 0, "A picture has pixels and a number.")
    self.width = width
    self.height = height
    random = RandomStream(seed: seed, purpose: .synthesis, sample: UInt64(index))
    let road = Road(&random)
    camera = RoadCamera(&random)
    scene = RoadScene(road, &random)
  }

  var road: Road { scene.road }

  /// The finished picture; all three channels are the same.
  mutating func draw() -> RGBImage {
    let gain = random.uniform(0.75, 1.15)
    let shift = random.uniform(-0.05, 0.05)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let grain = random.uniform(-0.03, 0.03)
        let value = min(max(gain * grey(row, column) + shift + grain, 0), 1)
        let byte = UInt8(value * 255 + 0.5)
        for _ in 0..<3 { pixels.append(byte) }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// The mean of a pixel's samples.
  private func grey(_ row: Int, _ column: Int) -> Double {
    let count = Self.supersampling
    var sum = 0.0
    for sample in 0..<count * count {
      let y = Double(row) + (Double(sample / count) + 0.5) / Double(count)
      let x = Double(column) + (Double(sample % count) + 0.5) / Double(count)
      let point = camera.ground(
        across: (x - Double(width) / 2) / Double(width), down: (y - Double(height) / 2) / Double(width))
      sum += point.map(scene.ground) ?? scene.sky(min(2 * y / Double(height), 1))
    }
    return sum / Double(count * count)
  }
}
