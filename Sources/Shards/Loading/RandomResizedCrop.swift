import Tensors

/// A random part of an image, as torchvision's `RandomResizedCrop.get_params` draws it.
struct RandomResizedCrop {
  var columns: Range<Int>
  var rows: Range<Int>

  private static let tries = 10
  private static let narrowest = 3.0 / 4
  private static let widest = 4.0 / 3
  /// The natural logarithm of 4/3; that of 3/4 is its negative.
  private static let logWidest = 0.287_682_072_451_780_93

  /// Area uniform in `minimumArea`...1 of the image's, logarithm of the aspect uniform, place uniform. What does not
  /// fit is drawn anew; after 10 tries the largest centred part of a permitted aspect is taken.
  init(of image: PixelSize, minimumArea: Double, _ random: inout RandomStream) {
    for _ in 0..<Self.tries {
      let area = Double(image.count) * random.uniform(minimumArea, 1)
      let aspect = Self.exponential(random.uniform(-Self.logWidest, Self.logWidest))
      let width = Int((area * aspect).squareRoot().rounded(.toNearestOrEven))
      let height = Int((area / aspect).squareRoot().rounded(.toNearestOrEven))
      guard width > 0, width <= image.width, height > 0, height <= image.height else { continue }
      let top = random.next(below: image.height - height + 1)
      let left = random.next(below: image.width - width + 1)
      self.init(PixelSize(width: width, height: height), left: left, top: top)
      return
    }
    self.init(largestIn: image)
  }

  private init(_ size: PixelSize, left: Int, top: Int) {
    columns = left..<left + size.width
    rows = top..<top + size.height
  }

  private init(largestIn image: PixelSize) {
    var size = image
    let aspect = Double(image.width) / Double(image.height)
    if aspect < Self.narrowest {
      size.height = Int((Double(image.width) / Self.narrowest).rounded(.toNearestOrEven))
    } else if aspect > Self.widest {
      size.width = Int((Double(image.height) * Self.widest).rounded(.toNearestOrEven))
    }
    self.init(size, left: (image.width - size.width) / 2, top: (image.height - size.height) / 2)
  }

  /// e^x for |x| < 0.3 by its Taylor series: the same bits on every machine, unlike libm's.
  private static func exponential(_ x: Double) -> Double {
    var sum = 1.0
    for term in stride(from: 16.0, through: 1, by: -1) { sum = 1 + x * sum / term }
    return sum
  }
}
